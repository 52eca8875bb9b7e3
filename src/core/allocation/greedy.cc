#include "core/allocation/greedy.h"

namespace turbo {
namespace {

struct Upgrade {
  double slope = 0;  // value a Mbps
  std::size_t service = 0, step = 0;
};

// The best next upgrade among those that fit; of equals the one of the first service, then the smallest.
Upgrade best_upgrade(const std::vector<UtilityCurve>& curves, const std::vector<std::size_t>& steps,
                     double left_mbps) {
  Upgrade best;
  for (std::size_t s = 0; s < curves.size(); ++s) {
    const UtilityStep& now = curves[s][steps[s]];
    for (std::size_t i = steps[s] + 1; i < curves[s].size(); ++i) {
      const double cost = curves[s][i].start_mbps - now.start_mbps;
      if (cost > left_mbps) break;
      const double slope = (curves[s][i].value - now.value) / cost;
      if (slope > best.slope) best = {slope, s, i};
    }
  }
  return best;
}

}  // namespace

Allocation GreedyAllocator::allocate(const AllocationProblem& problem) {
  double left_mbps = problem.bandwidth_mbps > 0 ? problem.bandwidth_mbps : 0;
  std::vector<UtilityCurve> curves;
  for (const Service& service : problem.services)
    curves.push_back(make_utility_curve(service, problem.rtt_ms, left_mbps));
  std::vector<std::size_t> steps(curves.size(), 0);
  for (;;) {
    const Upgrade next = best_upgrade(curves, steps, left_mbps);
    if (next.step == 0) break;
    left_mbps -=
        curves[next.service][next.step].start_mbps - curves[next.service][steps[next.service]].start_mbps;
    steps[next.service] = next.step;
  }
  Allocation allocation;
  for (std::size_t s = 0; s < curves.size(); ++s) allocation.options.push_back(curves[s][steps[s]].option);
  total(problem, &allocation);
  return allocation;
}

}  // namespace turbo
