#pragma once
// The allocation that is worth the most: a multiple-choice knapsack (knapsack.h, with its rule for ties) over
// the steps of the services' utility curves.

#include <cstddef>
#include <vector>

#include "core/allocation/allocator.h"
#include "core/allocation/knapsack.h"

namespace turbo {

// Keeps its memory from one call to the next; what is allocated is the answer.
class ExactAllocator final : public Allocator {
 public:
  std::string_view name() const override { return "exact"; }
  Allocation allocate(const AllocationProblem& problem) override;
  // Of the last answer: it is the best. False only for a few hostile problems, see knapsack.h.
  bool exact() const { return knapsack_.exact(); }

 private:
  std::vector<UtilityCurve> curves_;
  std::vector<KnapsackItem> items_;
  std::vector<std::size_t> begin_;
  MultipleChoiceKnapsack knapsack_;
};

}  // namespace turbo
