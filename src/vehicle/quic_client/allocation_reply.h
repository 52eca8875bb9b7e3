#pragma once
// The bandwidth allocator's answer, as far as this process needs it.

#include <limits>
#include <map>
#include <optional>
#include <string>

namespace turbo {

struct ServiceRates {
  double guaranteed_bps = 0;
  double limit_bps = std::numeric_limits<double>::infinity();  // 0 for a service that is allocated nothing

  bool operator==(const ServiceRates&) const = default;
};

// Rates by service id, from {"allocation_map": {"1": Mbps, ...}, "limit_map": {"1": Mbps, ...}, ...};
// limit_map and its entries may be missing, and only count beside an allocation. Nothing, with the reason in
// error, when it is not that: a number that is negative, not finite or above 1 Tbit/s spoils the whole.
std::optional<std::map<int, ServiceRates>> parse_allocation(const std::string& json, std::string& error);

}  // namespace turbo
