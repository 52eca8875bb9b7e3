#pragma once
// Policies, budgets and allocators by the names that a command line gives them.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/allocation/allocator.h"
#include "core/planning/bandwidth_budget.h"
#include "core/planning/utility_policy.h"
#include "lab/experiments/data.h"

namespace turbo::experiments {

std::string policy_help();
std::string budget_help();

// Window sizes that policies of these names need. Throws std::invalid_argument for a name that is none.
std::vector<int> window_sizes(const std::vector<std::string>& policies);

// cover: how long the scenario is repeated; start: when it begins. The scenario must have the windows of
// window_sizes(). Throws std::invalid_argument where the data do not have it.
std::unique_ptr<UtilityPolicy> make_policy(std::string_view name, const ScenarioData& data, Time start,
                                           Duration cover);

inline constexpr const char* kAllocatorHelp =
    "exact, greedy, proportional, equal, vehicle, fixed:CONFIGURATION, or cbc, the peer that it is checked "
    "against";

// Throws std::invalid_argument.
std::unique_ptr<Allocator> allocator_named(const std::string& name);
std::unique_ptr<BandwidthBudget> make_budget(std::string_view name);
bool is_foreseen(std::string_view budget);

}  // namespace turbo::experiments
