#pragma once
// Who gets which configuration under the bandwidth there is: the interface of every allocator, and the list
// of ours. An allocator may keep memory from one call to the next, and gives the same answer to the same
// problem. Not for use by two threads at once.
// Of allocations of the same value the exact one takes the one that needs least; of these the first service
// has its dearer option, then the second, and so on. Of a service's options that need the same the one of
// higher utility counts; of equals the first by name.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/utility/utility_curve.h"

namespace turbo {

struct AllocationProblem {
  std::span<const Service> services;  // without a fault_in() them
  double bandwidth_mbps = 0;          // below 0 or not a number: 0
  double rtt_ms = 0;
};

struct Allocation {
  // For each service one of its options; none: nothing can run with so little, for want of an on-vehicle
  // model.
  std::vector<std::optional<std::size_t>> options;
  double total_value = 0;    // sum of value_of: what is made as large as possible
  double total_utility = 0;  // plain sum
  // At most the bandwidth, but for rounding: (services + 1) * 1e-9 Mbps.
  double total_needed_mbps = 0;
};

class Allocator {
 public:
  Allocator() = default;
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;
  virtual ~Allocator() = default;
  virtual std::string_view name() const = 0;
  virtual Allocation allocate(const AllocationProblem& problem) = 0;
  // Whether total_value is the largest there is: then a smaller bandwidth changes nothing as long as the
  // allocation still fits.
  virtual bool maximises() const { return false; }
};

// The names that make_allocator knows, with a line of explanation each.
struct AllocatorName {
  std::string_view name, about;
};
std::span<const AllocatorName> allocator_names();

// name: one of allocator_names(), "fixed:<configuration>" for one configuration for all. Throws
// std::invalid_argument (what was expected) for another.
std::unique_ptr<Allocator> make_allocator(std::string_view name);

// Sums up what was chosen. For allocators.
void total(const AllocationProblem& problem, Allocation* allocation);

}  // namespace turbo
