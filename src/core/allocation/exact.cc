#include "core/allocation/exact.h"

namespace turbo {

Allocation ExactAllocator::allocate(const AllocationProblem& problem) {
  const std::size_t count = problem.services.size();
  const double bandwidth_mbps = problem.bandwidth_mbps > 0 ? problem.bandwidth_mbps : 0;
  if (curves_.size() < count) curves_.resize(count);
  items_.clear();
  begin_.assign(1, 0);
  for (std::size_t i = 0; i < count; ++i) {
    make_utility_curve(problem.services[i], problem.rtt_ms, bandwidth_mbps, &curves_[i]);
    for (const UtilityStep& step : curves_[i]) items_.push_back({step.start_mbps, step.value});
    begin_.push_back(items_.size());
  }
  const auto steps = knapsack_.solve(items_, begin_, bandwidth_mbps);
  Allocation allocation;
  allocation.options.reserve(count);
  for (std::size_t i = 0; i < count; ++i) allocation.options.push_back(curves_[i][steps[i]].option);
  total(problem, &allocation);
  return allocation;
}

}  // namespace turbo
