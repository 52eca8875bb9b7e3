#pragma once
// The bandwidth allocator's answer, as far as this process needs it.

#include <limits>
#include <map>
#include <optional>
#include <string>

namespace turbo {

struct ServiceAllocation {
  double guaranteed_bps = 0;
  double limit_bps = std::numeric_limits<double>::infinity();  // 0 for a service that is allocated nothing
  std::string config;       // the choice of model and compression; empty: not told
  std::string frames_name;  // what its frames call it

  bool operator==(const ServiceAllocation&) const = default;
};

// By service id, from {"allocation_map": {"1": Mbps, ...}, "limit_map": {"1": Mbps, ...},
// "model_config_map": {"1": name, ...}, ...}; the last two and their entries may be missing, and only count
// beside an allocation. Nothing, with the reason in error, when it is not that: a number that is negative,
// not finite or above 1 Tbit/s, or a name that is none, spoils the whole.
std::optional<std::map<int, ServiceAllocation>> parse_allocation(const std::string& json, std::string& error);

}  // namespace turbo
