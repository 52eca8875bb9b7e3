#include "core/planning/policy_names.h"

#include <stdexcept>
#include <string>

#include "core/planning/learned_chance.h"
#include "core/planning/live_policy.h"

namespace turbo {

std::unique_ptr<UtilityPolicy> make_policy(std::string_view name, std::vector<Service> services) {
  auto fixed = std::make_unique<StaticPolicy>(std::move(services));
  if (name == "static") return fixed;
  if (name == "live") return std::make_unique<LivePolicy>(std::move(fixed));
  throw std::invalid_argument("policy " + std::string(name) + ": expected static or live");
}

std::unique_ptr<BandwidthBudget> make_budget(std::string_view name, double value) {
  if (name == "expected") return std::make_unique<LearnedChance>();
  if (name == "promise") return std::make_unique<LearnedChance>(value);
  if (name != "share")
    throw std::invalid_argument("budget " + std::string(name) + ": expected share, expected or promise");
  if (!(value >= 0 && value <= 1))
    throw std::invalid_argument("share of the bandwidth that choices may need: expected 0 to 1");
  return std::make_unique<FixedShare>(value);
}

}  // namespace turbo
