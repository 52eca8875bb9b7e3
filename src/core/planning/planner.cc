#include "core/planning/planner.h"

#include <algorithm>
#include <cmath>

#include "core/allocation/turns_need.h"

namespace turbo {
namespace {

constexpr double kMost = 1e6;                                           // Mbps or ms that are believed
constexpr double kNoTie = 1e-9;                                         // of value
constexpr double kRounding = 1e-6;                                      // of Mbps: allocator.h's and more
bool believable(double value) { return value >= 0 && value <= kMost; }  // false for NaN

std::size_t vehicle_option(const Service& service) {
  const auto at = std::find_if(service.options.begin(), service.options.end(),
                               [](const ModelOption& option) { return option.on_vehicle; });
  return static_cast<std::size_t>(at - service.options.begin());  // there is one: fault_in() found none
}

// Which of them has what makes no difference, but for what each one's frames need.
bool interchangeable(const Service& a, const Service& b) {
  return a.weight == b.weight && a.min_utility == b.min_utility && a.slo_ms == b.slo_ms &&
         std::equal(a.options.begin(), a.options.end(), b.options.begin(), b.options.end(),
                    [](const ModelOption& one, const ModelOption& other) {
                      return one.config == other.config && one.utility == other.utility;
                    });
}

double value_sum(std::span<const Service> services, std::span<const std::optional<std::size_t>> options) {
  double sum = 0;
  for (std::size_t i = 0; i < services.size(); ++i)
    sum +=
        value_of(services[i], services[i].options[options[i].value_or(vehicle_option(services[i]))].utility);
  return sum;
}

}  // namespace

std::string_view reason_text(DecisionReason reason) {
  switch (reason) {
    case DecisionReason::kNothingFitsBetter:
      return "nothing that fits is better";
    case DecisionReason::kNoLongerFits:
      return "the choice before no longer fits";
    case DecisionReason::kKeptMissing:
      return "the choice before kept missing its deadline";
    case DecisionReason::kBetter:
      return "worth more than the choice before";
    case DecisionReason::kAllocatorsRule:
      return "what the allocator's rule says";
    case DecisionReason::kWaitsToBeSure:
      return "another one would be chosen, and is if it still would be next time";
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
  Known known{.now = now, .report = report, .services = policy_->services(now, report)};
  known.rtt_ms = policy_->rtt_ms(now, report);
  known.budget_mbps = std::min(budget_->budget_mbps(now, report), report.bandwidth_mbps);
  if (current_.empty())
    for (const Service& service : known.services) current_.push_back(vehicle_option(service));
  return describe(known, choose(known));
}

Decision Planner::all_on_vehicle(Time now) {
  LinkReport nothing;
  nothing.connected = false;
  const Known known{.now = now, .report = nothing, .services = policy_->services(now, nothing)};
  current_.clear();
  for (const Service& service : known.services) current_.push_back(vehicle_option(service));
  waited_ = 0;
  return describe(known, DecisionReason::kNoCloud);
}

DecisionReason Planner::choose(const Known& known) {
  if (fits(known)) return allocator_->maximises() ? choose_better(known) : follow_allocator(known);
  bool missed = false;
  for (std::size_t i = 0; i < current_.size(); ++i) missed = missed || policy_->held_off(i, *current_[i]);
  current_ = best(known, known.budget_mbps);
  waited_ = 0;
  return missed ? DecisionReason::kKeptMissing : DecisionReason::kNoLongerFits;
}

DecisionReason Planner::choose_better(const Known& known) {
  const auto is_better = [&](const Options& options) {
    return value_sum(known.services, options) > value_sum(known.services, current_) + kNoTie;
  };
  const double room = 1 - settings_.up_margin;
  waiting_ = best(known, known.budget_mbps * room);
  if (!is_better(waiting_)) {
    waited_ = 0;
    return DecisionReason::kNothingFitsBetter;
  }
  waited_mbps_ = waited_ > 0 ? std::min(waited_mbps_, known.budget_mbps) : known.budget_mbps;
  DecisionReason reason = DecisionReason::kWaitsToBeSure;
  const auto take_if_better = [&](Options options) {
    if (!is_better(options)) return;
    current_ = std::move(options);
    reason = DecisionReason::kBetter;
  };
  if (counts(known.now) && waited_ >= settings_.up_decisions) {
    take_if_better(best(known, waited_mbps_ * room));
    waited_ = 1;
    waited_mbps_ = known.budget_mbps;
  }
  take_if_better(best(known, known.budget_mbps * settings_.sure_share));
  if (!is_better(waiting_)) waited_ = 0;  // else it goes on waiting
  return reason;
}

DecisionReason Planner::follow_allocator(const Known& known) {
  Options said = best(known, known.budget_mbps);
  if (said == current_ || said != waiting_) waited_ = 0;
  if (said == current_) return DecisionReason::kAllocatorsRule;
  waiting_ = std::move(said);
  if (!counts(known.now) || waited_ < settings_.up_decisions) return DecisionReason::kWaitsToBeSure;
  current_ = waiting_;
  waited_ = 0;
  return DecisionReason::kAllocatorsRule;
}

// One more decision for what waits, unless it is of the same moment as the last.
bool Planner::counts(Time now) {
  if (waited_ > 0 && now - counted_at_ < kApart) return false;
  ++waited_;
  counted_at_ = now;
  return true;
}

Planner::Options Planner::best(const Known& known, double budget_mbps) {
  Options options = allocator_->allocate({known.services, budget_mbps, known.rtt_ms}).options;
  for (std::size_t i = 0; i < known.services.size(); ++i)
    if (!options[i]) options[i] = vehicle_option(known.services[i]);
  return options;
}

bool Planner::fits(const Known& known) const {
  const auto needed = needed_together_mbps(known.services, current_, known.rtt_ms);
  return needed && *needed <= known.budget_mbps + kRounding;
}

Decision Planner::describe(const Known& known, DecisionReason reason) {
  Decision decision;
  decision.available_mbps = known.report.bandwidth_mbps;
  decision.low_mbps = known.report.low_mbps;
  decision.high_mbps = known.report.high_mbps;
  decision.app_limited = known.report.app_limited;
  decision.budget_mbps = known.budget_mbps;
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
  decision.needed_mbps = needed_together_mbps(known.services, current_, known.rtt_ms).value_or(0);
  // Everything available, in proportion to the needs: each frame then arrives earlier by the same factor.
  const double factor =
      decision.needed_mbps > 0 ? std::max(1.0, decision.available_mbps / decision.needed_mbps) : 0;
  for (ServiceChoice& choice : decision.services) choice.allocated_mbps = choice.needed_mbps * factor;
  if (reason == DecisionReason::kNoCloud) return decision;
  decision.promised = budget_->promise(decision.needed_mbps);
  if (settings_.runner_up) decision.runner_up = waited_ > 0 ? described(known, waiting_) : runner_up(known);
  if (decision.runner_up) decision.runner_up->waits = waited_ > 0;
  return decision;
}

RunnerUp Planner::described(const Known& known, const Options& options) {
  RunnerUp second;
  for (std::size_t i = 0; i < known.services.size(); ++i) {
    const Service& service = known.services[i];
    const ModelOption& option = service.options[*options[i]];
    second.configs.push_back(option.config);
    second.utility += option.utility / static_cast<double>(known.services.size());
  }
  second.needed_mbps = needed_together_mbps(known.services, options, known.rtt_ms).value_or(0);
  return second;
}

// The best of the allocations that have one of the choices less often; of equals the one that changes a later
// service.
std::optional<RunnerUp> Planner::runner_up(const Known& known) {
  const double budget_mbps = known.budget_mbps * (1 - settings_.up_margin);  // what is better waits
  std::optional<Allocation> best;
  for (std::size_t i = 0; i < known.services.size(); ++i) {
    weighed_.assign(known.services.begin(), known.services.end());
    forbid(known, i);
    Allocation other = allocator_->allocate({weighed_, budget_mbps, known.rtt_ms});
    const bool complete = std::all_of(other.options.begin(), other.options.end(),
                                      [](const auto& option) { return option.has_value(); });
    if (complete && (!best || other.total_value >= best->total_value)) best = std::move(other);
  }
  if (!best) return std::nullopt;
  return described(known, best->options);
}

// Its choice is forbidden to service `index`, and to those that could get it in exchange: all of the same
// options that have another choice.
void Planner::forbid(const Known& known, std::size_t index) {
  const std::size_t choice = *current_[index];
  for (std::size_t i = 0; i < known.services.size(); ++i) {
    const bool might_exchange =
        *current_[i] != choice && interchangeable(known.services[i], known.services[index]);
    if (i != index && !might_exchange) continue;
    // The on-vehicle model stands for "nothing" when it is forbidden; an allocation that has nothing is none.
    ModelOption& forbidden = weighed_[i].options[choice];
    forbidden.on_vehicle = false;
    forbidden.size_megabits = 1;
    forbidden.runtime_ms = HUGE_VAL;
  }
}

}  // namespace turbo
