#include "core/allocation/exact.h"

#include <cmath>
#include <utility>

#include "core/allocation/turns_need.h"

namespace turbo {

Allocation ExactAllocator::allocate(const AllocationProblem& problem) {
  const std::size_t count = problem.services.size();
  const double bandwidth_mbps = problem.bandwidth_mbps > 0 ? problem.bandwidth_mbps : 0;
  if (curves_.size() < count) curves_.resize(count);
  for (std::size_t i = 0; i < count; ++i)
    make_utility_curve(problem.services[i], problem.rtt_ms, bandwidth_mbps, &curves_[i]);
  exact_ = true;
  find_turns(problem, bandwidth_mbps);
  Allocation best = solve(problem, bandwidth_mbps, 0, 0);
  for (const Turn& turn : turns_) {
    Allocation other = solve(problem, bandwidth_mbps, turn.needed_mbps, turn.rate);
    const bool cheaper = other.total_needed_mbps < best.total_needed_mbps;
    if (other.total_value > best.total_value || (other.total_value == best.total_value && cheaper))
      best = std::move(other);
  }
  return best;
}

void ExactAllocator::find_turns(const AllocationProblem& problem, double bandwidth_mbps) {
  turns_.clear();
  const std::size_t count = problem.services.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Service& service = problem.services[i];
    for (std::size_t k = 0; k < service.options.size(); ++k) {
      const ModelOption& option = service.options[k];
      if (!keeps_apart(service, option, count, problem.rtt_ms)) continue;
      const auto needed = needed_mbps(option, service.slo_ms, problem.rtt_ms);
      if (needed && *needed <= bandwidth_mbps)
        turns_.push_back({i, k, *needed, option.utility, rate_of(service, option)});
    }
  }
}

Allocation ExactAllocator::solve(const AllocationProblem& problem, double bandwidth_mbps, double shared_mbps,
                                 std::int64_t rate) {
  const std::size_t count = problem.services.size();
  in_turn_.assign(count, nullptr);
  for (const Turn& turn : turns_) {
    if (turn.rate != rate || turn.needed_mbps > shared_mbps) continue;
    const Turn*& best = in_turn_[turn.service];
    if (best == nullptr || turn.utility > best->utility) best = &turn;
  }
  items_.clear();
  begin_.assign(1, 0);
  for (std::size_t i = 0; i < count; ++i) {
    for (const UtilityStep& step : curves_[i]) {
      // In its turn a service needs nothing more; what is worth less and needs something is not looked at.
      const bool first = &step == &curves_[i].front();
      const bool in_turn = in_turn_[i] != nullptr && in_turn_[i]->utility > step.utility;
      if (first && in_turn)
        items_.push_back({0, value_of(problem.services[i], in_turn_[i]->utility)});
      else if (in_turn)
        items_.push_back({HUGE_VAL, step.value});
      else
        items_.push_back({step.start_mbps, step.value});
    }
    begin_.push_back(items_.size());
  }
  const auto steps = knapsack_.solve(items_, begin_, bandwidth_mbps - shared_mbps);
  exact_ = exact_ && knapsack_.exact();
  Allocation allocation;
  allocation.options.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const bool in_turn =
        steps[i] == 0 && in_turn_[i] != nullptr && in_turn_[i]->utility > curves_[i].front().utility;
    allocation.options.push_back(in_turn ? in_turn_[i]->option : curves_[i][steps[i]].option);
  }
  total(problem, &allocation);
  return allocation;
}

}  // namespace turbo
