#pragma once
// What `turbo-certs list` prints, for a person and for a program.

#include <string>
#include <vector>

#include "lab/certs/authority.h"

namespace turbo {

std::string listing_text(const std::vector<IssuedCertificate>& issued, std::time_t now);
// An array of {name, role, serial, valid_from, valid_to (UTC, ISO 8601), state, in_use, revoked_since or
// null}.
std::string listing_json(const std::vector<IssuedCertificate>& issued, std::time_t now);

// YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, UTC. Throws CertsError.
std::time_t parse_time(const std::string& text);

}  // namespace turbo
