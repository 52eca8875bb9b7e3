#pragma once
// The allocation that is worth the most: a multiple-choice knapsack (knapsack.h, with its rule for ties) over
// the steps of the services' utility curves. Where services may take turns (turns_need.h), also the best of
// those in which some of them do, all at one rate: what the turns share is tried at every size that one of
// their configurations needs.

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
  bool maximises() const override { return true; }
  // Of the last answer: all that was tried was solved to the end. False only for a few hostile problems, see
  // knapsack.h.
  bool exact() const { return exact_; }

 private:
  struct Turn {  // a configuration that keeps its frames apart from others at its rate
    std::size_t service, option;
    double needed_mbps, utility;
    std::int64_t rate;
  };
  void find_turns(const AllocationProblem& problem, double bandwidth_mbps);
  // The best where frames at this rate share a part of the bandwidth; 0 Mbps: where every frame is sent.
  Allocation solve(const AllocationProblem& problem, double bandwidth_mbps, double shared_mbps,
                   std::int64_t rate);

  std::vector<UtilityCurve> curves_;
  std::vector<Turn> turns_;
  std::vector<const Turn*> in_turn_;  // of each service, or none
  std::vector<KnapsackItem> items_;
  std::vector<std::size_t> begin_;
  MultipleChoiceKnapsack knapsack_;
  bool exact_ = true;
};

}  // namespace turbo
