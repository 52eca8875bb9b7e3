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
constexpr double kLeastShare = 0.08;  // of the most, that is weighed
constexpr double kSure = 0.9;         // probability from which on a floor counts as kept
bool believable(double value) { return value >= 0 && value <= kMost; }  // false for NaN

std::size_t vehicle_option(const Service& service) {
  const auto at = std::find_if(service.options.begin(), service.options.end(),
                               [](const ModelOption& option) { return option.on_vehicle; });
  return static_cast<std::size_t>(at - service.options.begin());  // there is one: fault_in() found none
}

double without_floor(const Service& service, double utility) { return service.weight * utility; }
double floor_part(const Service& service, double utility) {
  return value_of(service, utility) - without_floor(service, utility);
}

double utility_of(const Service& service, std::optional<std::size_t> option) {
  return service.options[option.value_or(vehicle_option(service))].utility;
}

}  // namespace

std::string_view reason_text(DecisionReason reason) {
  switch (reason) {
    case DecisionReason::kNothingBetter:
      return "nothing else is expected to bring clearly more";
    case DecisionReason::kBetter:
      return "expected to bring more than the choice before";
    case DecisionReason::kNoLongerFits:
      return "the choice before no longer fits";
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
    for (const Service& service : known.services) current_.push_back(vehicle_option(service));
  const DecisionReason reason = choose(known);
  Decision decision = describe(known, reason);
  decision.promised = budget_->promise(decision.needed_mbps);
  if (second_) decision.runner_up = describe_runner_up(known);
  return decision;
}

Decision Planner::all_on_vehicle(Time now) {
  LinkReport nothing;
  nothing.connected = false;
  const Known known{.report = nothing, .services = policy_->services(now, nothing)};
  current_.clear();
  for (const Service& service : known.services) current_.push_back(vehicle_option(service));
  first_ = weigh(known, current_);
  return describe(known, DecisionReason::kNoCloud);
}

DecisionReason Planner::choose(const Known& known) {
  bool missed = false;
  for (std::size_t i = 0; i < current_.size(); ++i) missed = missed || policy_->held_off(i, *current_[i]);
  std::optional<Weighed> kept = missed ? std::nullopt : weigh(known, current_);
  if (kept && (kept->needed_mbps > budget_->most_mbps() + kRounding || !allowed(*kept))) kept.reset();
  first_.reset();
  second_.reset();
  weigh_others(known);
  if (kept) keep_best(*kept);
  if (kept && first_->value <= kept->value + settings_.keep * first_->gain + kNoTie) {
    if (first_->options != kept->options) second_ = std::exchange(first_, std::move(kept));
    return DecisionReason::kNothingBetter;
  }
  const bool sent_nothing = kept && kept->needed_mbps == 0;
  current_ = first_->options;
  if (missed) return DecisionReason::kKeptMissing;
  if (!kept) return DecisionReason::kNoLongerFits;
  return budget_->tries() && sent_nothing ? DecisionReason::kTries : DecisionReason::kBetter;
}

// All on the vehicle, and the best for less and less of the link.
void Planner::weigh_others(const Known& known) {
  Options vehicle;
  for (const Service& service : known.services) vehicle.push_back(vehicle_option(service));
  keep_best(weigh(known, std::move(vehicle)).value());
  const double most_mbps = budget_->most_for_new_mbps();
  for (double budget_mbps = most_mbps; budget_mbps > kLeastShare * most_mbps;) {
    const auto weighed = weigh(known, best(known, budget_mbps));
    if (!weighed) return;  // cannot be: an allocator takes only what can be in time
    if (allowed(*weighed)) keep_best(*weighed);
    // What is best for less than it needs is another one.
    budget_mbps = std::min(budget_mbps * kStep, weighed->needed_mbps * (1 - kNoTie) - kRounding);
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

// Nothing if it can't be in time at all.
std::optional<Planner::Weighed> Planner::weigh(const Known& known, Options options) const {
  const auto needed_mbps = needed_together_mbps(known.services, options, known.rtt_ms);
  if (!needed_mbps) return std::nullopt;
  Weighed out{.needed_mbps = *needed_mbps};
  if (out.needed_mbps > 0) out.chance = budget_->chance(out.needed_mbps);
  const double floor_chance = std::min(1.0, out.chance / kSure);
  for (std::size_t i = 0; i < options.size(); ++i) {
    const Service& service = known.services[i];
    const double vehicle = service.options[vehicle_option(service)].utility,
                 cloud = utility_of(service, options[i]);
    out.gain += out.chance * (without_floor(service, cloud) - without_floor(service, vehicle));
    out.value += value_of(service, vehicle) +
                 floor_chance * (floor_part(service, cloud) - floor_part(service, vehicle));
  }
  out.value += out.gain;
  out.options = std::move(options);
  return out;
}

bool Planner::allowed(const Weighed& weighed) const {
  return weighed.needed_mbps == 0 || weighed.chance >= budget_->least_chance();
}

Planner::Options Planner::best(const Known& known, double budget_mbps) {
  Options options = allocator_->allocate({known.services, budget_mbps, known.rtt_ms}).options;
  for (std::size_t i = 0; i < known.services.size(); ++i)
    if (!options[i]) options[i] = vehicle_option(known.services[i]);
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
    decision.local_utility += service.options[vehicle_option(service)].utility;
    decision.services.push_back(std::move(choice));
  }
  const double count = static_cast<double>(std::max<std::size_t>(known.services.size(), 1));
  decision.expected_utility /= count;
  decision.local_utility /= count;
  decision.needed_mbps = first_->needed_mbps;
  decision.likely_utility =
      decision.local_utility + first_->chance * (decision.expected_utility - decision.local_utility);
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
    vehicle += service.options[vehicle_option(service)].utility / count;
  }
  out.likely_utility = vehicle + second_->chance * (out.utility - vehicle);
  return out;
}

}  // namespace turbo
