#pragma once
// The bandwidth allocator's answer, as far as this process needs it.

#include <map>
#include <optional>
#include <string>

namespace turbo {

// Rates by service id, in bits/s, from {"allocation_map": {"1": Mbps, ...}, ...}. Nothing, with the reason in
// error, when it is not that: a number that is negative, not finite or above 1 Tbit/s spoils the whole.
std::optional<std::map<int, double>> parse_allocation(const std::string& json, std::string& error);

}  // namespace turbo
