#pragma once
// Allocation problems by their seed: the same on every machine. Ordinary ones, and ones made to be awkward.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/utility/service.h"

namespace turbo {

struct Instance {
  std::vector<Service> services;
  double bandwidth_mbps = 0;
  double rtt_ms = 0;
};

enum class InstanceKind : std::uint8_t {
  kNoisy,         // utility grows with size, by less and less, with noise: as measured curves do
  kRandom,        // utility has nothing to do with size
  kDuplicates,    // few sizes and utilities, each many times
  kAlike,         // all services the same
  kEqualNeeds,    // all configurations need the same
  kHugeRatios,    // needs and utilities over many powers of ten
  kDenormal,      // needs next to nothing, among ordinary ones
  kProportional,  // utility is a share of the size: all worth the same for what they need
  kFloors,        // noisy, with weights and floors of all sizes
};
std::span<const InstanceKind> instance_kinds();
std::string_view instance_kind_name(InstanceKind kind);

// Each service has so many configurations (at least 1), the first of them on the vehicle. The bandwidth is a
// share of what the largest configurations need together; in one of twenty it is 0, in another infinite.
Instance make_instance(InstanceKind kind, std::size_t services, std::size_t configs, std::uint64_t seed);

}  // namespace turbo
