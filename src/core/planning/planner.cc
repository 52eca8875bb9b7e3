#include "core/planning/planner.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/allocation/turns_need.h"

namespace turbo {
namespace {

constexpr double kMost = 1e6;         // Mbps or ms that are believed
constexpr double kNoTie = 1e-9;       // of value
constexpr double kRounding = 1e-6;    // of Mbps: allocator.h's and more
constexpr double kStep = 0.86;        // from one bandwidth that is weighed to the next
constexpr double kLeastShare = 0.08;  // of the most that is weighed
// Chances of keeping a floor that are as good as none and as certain; how much another choice must improve
// them.
constexpr double kHopeless = 0.5, kSure = 0.9, kFavour = 0.05;
bool believable(double value) { return value >= 0 && value <= kMost; }  // false for NaN

// There is one: fault_in() found none missing.
std::size_t on_vehicle(const Service& service) { return *vehicle_option(service); }

double without_floor(const Service& service, double utility) { return service.weight * utility; }
double floor_part(const Service& service, double utility) {
  return value_of(service, utility) - without_floor(service, utility);
}

double utility_of(const Service& service, std::optional<std::size_t> option) {
  return service.options[option.value_or(on_vehicle(service))].utility;
}

}  // namespace

std::string reason_text(DecisionReason reason, double margin) {
  const auto percent = [margin] { return std::to_string(std::lround(margin * 100)) + "%"; };
  switch (reason) {
    case DecisionReason::kNothingBetter:
      return "nothing else is expected to bring clearly more (" + percent() +
             " of its gain over the vehicle alone)";
    case DecisionReason::kBetter:
      return "expected to bring more than the choice before, by over " + percent() +
             " of the gain over the vehicle alone";
    case DecisionReason::kNoLongerFits:
      return "the choice before no longer fits";
    case DecisionReason::kUnlikely:
      return "the choice before is not likely enough to be in time";
    case DecisionReason::kKeptMissing:
      return "the choice before kept missing its deadline";
    case DecisionReason::kTries:
      return "nothing was sent for a while, and the link is tried";
    case DecisionReason::kNoCloud:
      return "the cloud is out of reach";
  }
  return "";
}

Planner::Planner(PlannerSettings settings, std::unique_ptr<UtilityPolicy> policy,
                 std::unique_ptr<Allocator> allocator, std::unique_ptr<BandwidthBudget> budget)
    : settings_(settings),
      policy_(std::move(policy)),
      allocator_(std::move(allocator)),
      budget_(std::move(budget)) {}

std::optional<Decision> Planner::decide(Time now, const LinkReport& report) {
  if (!believable(report.bandwidth_mbps) || !believable(report.rtt_ms)) return std::nullopt;
  Known known{.report = report, .services = policy_->services(now, report)};
  known.rtt_ms = policy_->rtt_ms(now, report);
  budget_->learn(now, report);
  if (current_.empty())
    for (const Service& service : known.services) current_.push_back(on_vehicle(service));
  const DecisionReason reason = choose(known);
  Decision decision = describe(known, reason);
  decision.tries = budget_->tries() && decision.needed_mbps > 0;
  decision.promised = budget_->promise(decision.needed_mbps);
  if (second_) decision.runner_up = describe_runner_up(known);
  return decision;
}

Decision Planner::all_on_vehicle(Time now) {
  LinkReport nothing;
  nothing.connected = false;
  const Known known{.report = nothing, .services = policy_->services(now, nothing)};
  current_.clear();
  for (const Service& service : known.services) current_.push_back(on_vehicle(service));
  first_ = weigh(known, current_);
  budget_->promise(0);
  return describe(known, DecisionReason::kNoCloud);
}

DecisionReason Planner::choose(const Known& known) {
  const std::optional<Weighed> current = weigh(known, current_, kFavour);
  const auto left = leave(known, current);
  first_.reset();
  second_.reset();
  weigh_others(known);
  if (!left) {
    keep_best(*current);
    if (first_->value <= current->value + settings_.keep * first_->gain + kNoTie) {
      if (first_->options != current->options) second_ = std::exchange(first_, current);
      return DecisionReason::kNothingBetter;
    }
  }
  current_ = first_->options;
  if (left) return *left;
  return budget_->tries() && current->needed_mbps == 0 ? DecisionReason::kTries : DecisionReason::kBetter;
}

// Why the choice in force cannot stay.
std::optional<DecisionReason> Planner::leave(const Known& known,
                                             const std::optional<Weighed>& current) const {
  for (std::size_t i = 0; i < known.services.size(); ++i)
    if (policy_->held_off(i, *current_[i])) return DecisionReason::kKeptMissing;
  if (!current || current->needed_mbps > budget_->most_mbps() + kRounding)
    return DecisionReason::kNoLongerFits;
  if (!allowed(*current)) return DecisionReason::kUnlikely;
  return std::nullopt;
}

// All on the vehicle, and the best for less and less of the link.
void Planner::weigh_others(const Known& known) {
  Options vehicle;
  for (const Service& service : known.services) vehicle.push_back(on_vehicle(service));
  keep_best(weigh(known, std::move(vehicle)).value());
  double budget_mbps = budget_->most_for_new_mbps(), least_mbps = kLeastShare * budget_mbps;
  for (bool first = true; budget_mbps > least_mbps; first = false) {
    const auto weighed = weigh(known, best(known, budget_mbps));
    if (weighed && allowed(*weighed)) keep_best(*weighed);
    budget_mbps *= kStep;
    if (!weighed || !allocator_->maximises()) continue;
    // As long as it fits it is proposed again: nothing is between its need and the budget.
    budget_mbps = std::min(budget_mbps, weighed->needed_mbps - kRounding);
    if (first) least_mbps = kLeastShare * budget_mbps;
  }
}

void Planner::keep_best(Weighed weighed) {
  if ((first_ && weighed.options == first_->options) || (second_ && weighed.options == second_->options))
    return;
  if (!first_ || weighed.value > first_->value + kNoTie)
    second_ = std::exchange(first_, std::move(weighed));
  else if (!second_ || weighed.value > second_->value + kNoTie)
    second_ = std::move(weighed);
}

// Nothing if it can't be in time at all. in_favour: added to its chance of keeping floors.
std::optional<Planner::Weighed> Planner::weigh(const Known& known, Options options, double in_favour) const {
  const auto needed_mbps = needed_together_mbps(known.services, options, known.rtt_ms);
  if (!needed_mbps) return std::nullopt;
  Weighed out{.needed_mbps = *needed_mbps};
  if (out.needed_mbps > 0) out.chance = budget_->chance(out.needed_mbps);
  const double chance = out.chance.value_or(1);
  const double kept = std::clamp((chance + in_favour - kHopeless) / (kSure - kHopeless), 0.0, 1.0);
  for (std::size_t i = 0; i < options.size(); ++i) {
    const Service& service = known.services[i];
    const double vehicle = service.options[on_vehicle(service)].utility,
                 cloud = utility_of(service, options[i]);
    out.gain += chance * (without_floor(service, cloud) - without_floor(service, vehicle));
    out.value +=
        value_of(service, vehicle) + kept * (floor_part(service, cloud) - floor_part(service, vehicle));
  }
  out.value += out.gain;
  out.options = std::move(options);
  return out;
}

bool Planner::allowed(const Weighed& weighed) const {
  return weighed.chance.value_or(1) >= budget_->least_chance();
}

Planner::Options Planner::best(const Known& known, double budget_mbps) {
  Options options = allocator_->allocate({known.services, budget_mbps, known.rtt_ms}).options;
  for (std::size_t i = 0; i < known.services.size(); ++i)
    if (!options[i]) options[i] = on_vehicle(known.services[i]);
  return options;
}

Decision Planner::describe(const Known& known, DecisionReason reason) const {
  Decision decision;
  decision.available_mbps = known.report.bandwidth_mbps;
  decision.low_mbps = known.report.low_mbps;
  decision.high_mbps = known.report.high_mbps;
  decision.app_limited = known.report.app_limited;
  decision.budget_mbps = known.report.connected ? budget_->most_mbps() : 0;
  decision.rtt_ms = known.rtt_ms;
  decision.rtt_source = known.report.rtt_source;
  decision.policy = policy_->name();
  decision.allocator = allocator_->name();
  decision.budget_rule = budget_->name();
  decision.reason = reason;
  decision.margin = settings_.keep;
  for (std::size_t i = 0; i < known.services.size(); ++i) {
    const Service& service = known.services[i];
    const ModelOption& option = service.options[*current_[i]];
    ServiceChoice choice;
    choice.service_id = service.id;
    choice.config = option.config;
    choice.utility = option.utility;
    choice.needed_mbps = needed_mbps(option, service.slo_ms, known.rtt_ms).value_or(0);
    choice.on_vehicle = option.on_vehicle;
    decision.expected_utility += option.utility;
    decision.local_utility += service.options[on_vehicle(service)].utility;
    decision.services.push_back(std::move(choice));
  }
  const double count = static_cast<double>(std::max<std::size_t>(known.services.size(), 1));
  decision.expected_utility /= count;
  decision.local_utility /= count;
  decision.needed_mbps = first_->needed_mbps;
  if (decision.needed_mbps == 0)
    decision.likely_utility = decision.local_utility;
  else if (first_->chance)
    decision.likely_utility =
        decision.local_utility + *first_->chance * (decision.expected_utility - decision.local_utility);
  // Everything available, in proportion to the needs: each frame then arrives earlier by the same factor.
  const double factor = decision.needed_mbps > 0 ? decision.available_mbps / decision.needed_mbps : 0;
  for (ServiceChoice& choice : decision.services) choice.allocated_mbps = choice.needed_mbps * factor;
  return decision;
}

RunnerUp Planner::describe_runner_up(const Known& known) const {
  RunnerUp out{.needed_mbps = second_->needed_mbps};
  double vehicle = 0;
  const auto count = static_cast<double>(known.services.size());
  for (std::size_t i = 0; i < known.services.size(); ++i) {
    const Service& service = known.services[i];
    const ModelOption& option = service.options[*second_->options[i]];
    out.configs.push_back(option.config);
    out.utility += option.utility / count;
    vehicle += service.options[on_vehicle(service)].utility / count;
  }
  if (out.needed_mbps == 0)
    out.likely_utility = vehicle;
  else if (second_->chance)
    out.likely_utility = vehicle + *second_->chance * (out.utility - vehicle);
  return out;
}

}  // namespace turbo
