#pragma once
// Allocators that look at no utility: what a system without a choice of models does.

#include "core/allocation/allocator.h"

namespace turbo {

class VehicleAllocator final : public Allocator {
 public:
  std::string_view name() const override { return "vehicle"; }
  Allocation allocate(const AllocationProblem& problem) override;
};

// Services get the configuration in their order, as long as it can be in time and fits in what is left; the
// others, and those that do not know it, stay on the vehicle.
class FixedAllocator final : public Allocator {
 public:
  explicit FixedAllocator(std::string config) : name_("fixed:" + config), config_(std::move(config)) {}
  std::string_view name() const override { return name_; }
  Allocation allocate(const AllocationProblem& problem) override;

 private:
  std::string name_, config_;
};

}  // namespace turbo
