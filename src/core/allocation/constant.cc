#include "core/allocation/constant.h"

#include <set>

namespace turbo {
namespace {

constexpr std::string_view kFixed = "fixed:";
constexpr std::size_t kMostShown = 5;

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

std::string fault_in_fixed(std::string_view allocator, std::span<const Service> services) {
  if (!allocator.starts_with(kFixed)) return "";
  const std::string config(allocator.substr(kFixed.size()));
  std::set<std::string> known;
  for (const Service& service : services)
    for (const ModelOption& option : service.options) known.insert(option.config);
  if (known.contains(config)) return "";
  std::string shown;
  std::size_t count = 0;
  for (auto it = known.begin(); it != known.end() && count < kMostShown; ++it, ++count)
    shown.append(count > 0 ? ", " : "").append(*it);
  if (known.size() > kMostShown) shown += " and " + std::to_string(known.size() - kMostShown) + " more";
  return "no service has " + config.substr(0, 100) + "; there are " + shown;
}

}  // namespace turbo
