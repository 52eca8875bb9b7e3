#pragma once
// The body of http://HOST:PORT/PATH, or nothing. Waits no longer than `patience` for each step.

#include <optional>
#include <string>

#include "core/time.h"

namespace turbo {

std::optional<std::string> http_get(const std::string& host, int port, const std::string& path,
                                    Duration patience);

// The body of a whole answer with status 200, or nothing.
std::optional<std::string> body_of(const std::string& answer);

}  // namespace turbo
