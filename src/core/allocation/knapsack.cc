#include "core/allocation/knapsack.h"

namespace turbo {

std::span<const std::size_t> MultipleChoiceKnapsack::solve(std::span<const KnapsackItem> items,
                                                           std::span<const std::size_t> begin,
                                                           double budget) {
  if (begin.size() < 2 || !classes_.assign(items, begin, budget)) return {};
  relaxation_.solve(classes_);
  chosen_.resize(classes_.size());
  core_.solve(classes_, relaxation_, chosen_);
  return chosen_;
}

}  // namespace turbo
