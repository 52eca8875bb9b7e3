#pragma once
// Which step of its utility curve each service gets, so that the total utility is the largest possible and
// the sum of the steps' starts stays within the bandwidth. Exact: a multiple-choice knapsack solved service
// by service, keeping of the partial choices those that no other one dominates and that a Lagrangian bound
// does not rule out.

#include <cstddef>
#include <span>
#include <vector>

#include "core/allocation/allocator.h"

namespace turbo {

class ExactAllocator final : public Allocator {
 public:
  std::string_view name() const override { return "exact"; }
  Allocation allocate(const AllocationProblem& problem) override;

 private:
  std::vector<UtilityCurve> curves_;
};

// The index of a step for each curve. Computed in whole bit/s and billionths of utility, so that ties are
// ties. Of several best allocations the one that takes the least bandwidth is chosen; of those the one in
// which the first service has the highest step, then the second, and so on. A bandwidth that is not a number,
// or below 0, counts as 0: then every service has its first step.
std::vector<std::size_t> allocate_exactly(std::span<const UtilityCurve> curves, double bandwidth_mbps);

}  // namespace turbo
