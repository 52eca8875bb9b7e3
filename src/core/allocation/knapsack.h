#pragma once
// The multiple-choice knapsack, exactly: one item of each class, so that their values come to the most while
// their costs stay within the budget. No clock, no thread.

#include <cstddef>
#include <span>
#include <vector>

#include "core/allocation/knapsack_core.h"
#include "core/allocation/knapsack_relaxation.h"
#include "core/allocation/knapsack_units.h"

namespace turbo {

// Keeps its memory: once it has solved a problem of a size, it allocates nothing.
class MultipleChoiceKnapsack {
 public:
  // Items of class i: items[begin[i] .. begin[i + 1]). For each class the index of its item in the class:
  // the most value; of those the least cost; of those the first class has the highest index, then the second,
  // and so on. Empty when a class has no item of cost 0. Costs count in units of 1e-9, values in units of
  // 1e-12 (fewer where they are so large that 64 bits would not hold them), both to the nearest. Whatever
  // comes to no more than the budget fits, and nothing that comes to more than (classes + 1) * 1e-9 above it:
  // rounding must not decide about sums of exactly the budget. An item that costs more than 1e7 never fits; a
  // budget below 0, or that is no number, counts as 0, one above 4.6e9 as that.
  std::span<const std::size_t> solve(std::span<const KnapsackItem> items, std::span<const std::size_t> begin,
                                     double budget);
  // Of the last solution: that it is that one. A few hostile problems, with hundreds of items all worth the
  // same for their cost, would take too much memory; theirs is the best that was found, by at most gap()
  // units worse.
  bool exact() const { return core_.exact(); }
  KnapsackUnits gap() const { return core_.gap(); }

 private:
  KnapsackClasses classes_;
  KnapsackRelaxation relaxation_;
  KnapsackCore core_;
  std::vector<std::size_t> chosen_;
};

}  // namespace turbo
