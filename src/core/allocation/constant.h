#pragma once
// Allocators that look at no utility: what a system without a choice of models does.

#include <span>
#include <string>
#include <string_view>

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

// One line of what is wrong with an allocator's name, empty if nothing is: fixed:CONFIGURATION is of use only
// where a service has that configuration.
std::string fault_in_fixed(std::string_view allocator, std::span<const Service> services);

}  // namespace turbo
