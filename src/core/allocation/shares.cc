#include "core/allocation/shares.h"

#include <algorithm>

namespace turbo {

Allocation ShareAllocator::allocate(const AllocationProblem& problem) {
  const double bandwidth = problem.bandwidth_mbps > 0 ? problem.bandwidth_mbps : 0;
  const std::size_t count = problem.services.size();
  std::vector<double> shares(count, count > 0 ? bandwidth / static_cast<double>(count) : 0);
  if (rule_ == Rule::kProportional) {
    double sum_mbps = 0;
    for (std::size_t i = 0; i < count; ++i) {
      shares[i] = make_utility_curve(problem.services[i], problem.rtt_ms).back().start_mbps;
      sum_mbps += shares[i];
    }
    for (double& share : shares) share = sum_mbps > bandwidth ? share * (bandwidth / sum_mbps) : share;
  }
  Allocation allocation;
  for (std::size_t i = 0; i < count; ++i) {
    const UtilityCurve curve = make_utility_curve(problem.services[i], problem.rtt_ms, shares[i]);
    allocation.options.push_back(curve[step_at(curve, shares[i])].option);
  }
  total(problem, &allocation);
  return allocation;
}

}  // namespace turbo
