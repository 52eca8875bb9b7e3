#pragma once
// Policies and budgets by the names that configurations and command lines give them.

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/planning/bandwidth_budget.h"
#include "core/planning/utility_policy.h"

namespace turbo {

// What make_policy knows, with a line of explanation each: all that can be had without evaluation data.
struct PolicyName {
  std::string_view name, about;
};
std::span<const PolicyName> policy_names();

// name: one of policy_names(). Throws std::invalid_argument, with what was expected, for another, and for
// what fault_in() finds.
std::unique_ptr<UtilityPolicy> make_policy(std::string_view name, std::vector<Service> services);

// What make_budget knows, with a line of explanation each.
struct BudgetName {
  std::string_view name, about;
};
std::span<const BudgetName> budget_names();

// text: "expected", "promise:P" or "share:X". Throws std::invalid_argument, with what was expected, for
// another.
std::unique_ptr<BandwidthBudget> make_budget(std::string_view text);

}  // namespace turbo
