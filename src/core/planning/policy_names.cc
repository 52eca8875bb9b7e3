#include "core/planning/policy_names.h"

#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/planning/learned_chance.h"
#include "core/planning/live_policy.h"

namespace turbo {
namespace {

constexpr PolicyName kPolicies[] = {
    {"static", "the model table or evaluation data as they are (the default)"},
    {"live",
     "sizes, run times and RTT corrected by what is measured, never utilities, which nothing measures"}};

constexpr BudgetName kBudgets[] = {
    {"expected", "what is expected to bring most, with the vehicle's answers where the cloud's are late"},
    {"promise:P",
     "of that only what is in time with this probability; when that is nothing, tries now and then"},
    {"share:X",
     "no forecast: what needs at most this share of the estimated bandwidth is thought to be in time"}};

// "share:0.5": 0.5.
std::optional<double> number_after(std::string_view name, std::string_view text, double least, double most) {
  if (!text.starts_with(name)) return std::nullopt;
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data() + name.size(), end, value);
  if (error != std::errc() || read != end || !(value >= least && value <= most)) return std::nullopt;
  return value;
}

template <class Rows>
std::string names_of(const Rows& rows) {
  std::string names;
  for (const auto& row : rows) names.append(names.empty() ? "" : ", ").append(row.name);
  return names;
}

}  // namespace

std::span<const PolicyName> policy_names() { return kPolicies; }

std::unique_ptr<UtilityPolicy> make_policy(std::string_view name, std::vector<Service> services) {
  auto fixed = std::make_unique<StaticPolicy>(std::move(services));
  if (name == "static") return fixed;
  if (name == "live") return std::make_unique<LivePolicy>(std::move(fixed));
  throw std::invalid_argument(
      "no policy is called \"" + std::string(name.substr(0, 60)) + "\"; expected one of " +
      names_of(kPolicies) +
      ": others (scenario, recent:N, oracle) need evaluation data frame by frame, and are "
      "turbo-simulate's only");
}

std::span<const BudgetName> budget_names() { return kBudgets; }

std::unique_ptr<BandwidthBudget> make_budget(std::string_view text) {
  if (text == "expected") return std::make_unique<LearnedChance>();
  if (const auto chance = number_after("promise:", text, 0.5, 0.99))
    return std::make_unique<LearnedChance>(*chance);
  if (const auto share = number_after("share:", text, 0, 1)) return std::make_unique<FixedShare>(*share);
  throw std::invalid_argument("no budget is called \"" + std::string(text.substr(0, 60)) +
                              "\"; expected one of " + names_of(kBudgets) +
                              ", P from 0.5 to 0.99, X from 0 to 1");
}

}  // namespace turbo
