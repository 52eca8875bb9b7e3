#pragma once
// The allocation by CBC, a general solver of integer programs: what the exact allocator is checked against.
// It knows nothing of curves. Its variables are 0 or 1: one for each option of each service; one more for an
// option whose service takes turns at its rate (turns_need.h); one for each part of the bandwidth that turns
// may share, of which there is one at most. Rows: one option for each service, the bandwidth, one shared
// part, and for each option in turns that there is a part of its rate and at least of its size. Within its
// tolerances only, and hundreds of times as slow.

#include "core/allocation/allocator.h"

namespace turbo {

class CbcAllocator final : public Allocator {
 public:
  std::string_view name() const override { return "cbc"; }
  // Throws std::runtime_error when CBC finds no best allocation.
  Allocation allocate(const AllocationProblem& problem) override;
};

}  // namespace turbo
