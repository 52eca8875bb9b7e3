#include "core/allocation/constant.h"

#include <algorithm>

namespace turbo {
namespace {

std::optional<std::size_t> vehicle_option(const Service& service) {
  const auto at = std::find_if(service.options.begin(), service.options.end(),
                               [](const ModelOption& option) { return option.on_vehicle; });
  if (at == service.options.end()) return std::nullopt;
  return static_cast<std::size_t>(at - service.options.begin());
}

}  // namespace

Allocation VehicleAllocator::allocate(const AllocationProblem& problem) {
  Allocation allocation;
  for (const Service& service : problem.services) allocation.options.push_back(vehicle_option(service));
  total(problem, &allocation);
  return allocation;
}

Allocation FixedAllocator::allocate(const AllocationProblem& problem) {
  double left_mbps = problem.bandwidth_mbps > 0 ? problem.bandwidth_mbps : 0;
  Allocation allocation;
  for (const Service& service : problem.services) {
    allocation.options.push_back(vehicle_option(service));
    for (std::size_t i = 0; i < service.options.size(); ++i) {
      if (service.options[i].config != config_) continue;
      const auto needed = needed_mbps(service.options[i], service.slo_ms, problem.rtt_ms);
      if (!needed || *needed > left_mbps) continue;
      left_mbps -= *needed;
      allocation.options.back() = i;
    }
  }
  total(problem, &allocation);
  return allocation;
}

}  // namespace turbo
