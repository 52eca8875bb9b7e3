#pragma once
// From the cheapest configurations up, always the step that brings most value a megabit and still fits. Not
// exact: a large step that is worth more than several small ones may no longer fit when its turn comes.

#include "core/allocation/allocator.h"

namespace turbo {

class GreedyAllocator final : public Allocator {
 public:
  std::string_view name() const override { return "greedy"; }
  Allocation allocate(const AllocationProblem& problem) override;
};

}  // namespace turbo
