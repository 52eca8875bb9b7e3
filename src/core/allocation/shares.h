#pragma once
// Bandwidth first, configurations after: every service takes the best that fits its share.

#include "core/allocation/allocator.h"

namespace turbo {

class ShareAllocator final : public Allocator {
 public:
  enum class Rule {
    kEqual,
    kProportional,  // to what the best configuration needs, were there bandwidth enough
  };
  explicit ShareAllocator(Rule rule) : rule_(rule) {}
  std::string_view name() const override { return rule_ == Rule::kEqual ? "equal" : "proportional"; }
  Allocation allocate(const AllocationProblem& problem) override;

 private:
  Rule rule_;
};

}  // namespace turbo
