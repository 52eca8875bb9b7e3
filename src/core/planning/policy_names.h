#pragma once
// Policies and budgets by the names that configurations and command lines give them.

#include <memory>
#include <string_view>
#include <vector>

#include "core/planning/bandwidth_budget.h"
#include "core/planning/utility_policy.h"

namespace turbo {

// "static": the services as they are; "live": corrected by what is measured. Throws std::invalid_argument for
// another name, and for what fault_in() finds.
std::unique_ptr<UtilityPolicy> make_policy(std::string_view name, std::vector<Service> services);

// "expected": whatever is expected to bring most, without a value; "promise": of that what is in time with the
// probability `value`, 0.5 to 0.99; "share": `value` is the share of the estimate that choices may need, 0 to
// 1. Throws std::invalid_argument for others.
std::unique_ptr<BandwidthBudget> make_budget(std::string_view name, double value);

}  // namespace turbo
