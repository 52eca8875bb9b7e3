#pragma once
// The allocation by CBC, a general solver of integer programs: what the exact allocator is checked against.
// It knows nothing of curves: one variable of 0 or 1 for each option, one of each service, one row for the
// bandwidth. Within its tolerances only, and hundreds of times as slow.

#include "core/allocation/allocator.h"

namespace turbo {

class CbcAllocator final : public Allocator {
 public:
  std::string_view name() const override { return "cbc"; }
  // Throws std::runtime_error when CBC finds no best allocation.
  Allocation allocate(const AllocationProblem& problem) override;
};

}  // namespace turbo
