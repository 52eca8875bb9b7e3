#include "core/planning/planner.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

constexpr double kMost = 1e6;                                           // Mbps or ms that are believed
constexpr double kNoTie = 1e-9;                                         // of value
constexpr double kRounding = 1e-9;                                      // of Mbps
bool believable(double value) { return value >= 0 && value <= kMost; }  // false for NaN

std::size_t vehicle_option(const Service& service) {
  const auto at = std::find_if(service.options.begin(), service.options.end(),
                               [](const ModelOption& option) { return option.on_vehicle; });
  return static_cast<std::size_t>(at - service.options.begin());  // there is one: fault_in() found none
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
    case DecisionReason::kBetter:
      return "worth more than the choice before";
    case DecisionReason::kWaitsToBeSure:
      return "a better one fits, and is taken if it still does next time";
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
  const std::span<const Service> services = policy_->services(now, report);
  const double rtt_ms = policy_->rtt_ms(now, report);
  const double budget_mbps = std::min(budget_->budget_mbps(now, report), report.bandwidth_mbps);
  if (current_.empty())
    for (const Service& service : services) current_.push_back(vehicle_option(service));
  if (!fits(services, budget_mbps, rtt_ms)) {
    current_ = best(services, budget_mbps, rtt_ms);
    better_for_ = 0;
    return describe(services, report, rtt_ms, budget_mbps, DecisionReason::kNoLongerFits);
  }
  Options better = best(services, budget_mbps * (1 - settings_.up_margin), rtt_ms);
  const auto is_better = [&](const Options& options) {
    return value_sum(services, options) > value_sum(services, current_) + kNoTie;
  };
  DecisionReason reason = DecisionReason::kNothingFitsBetter;
  better_for_ = is_better(better) ? better_for_ + 1 : 0;
  if (better_for_ >= settings_.up_decisions) {
    current_ = std::move(better);
    better_for_ = 0;
    reason = DecisionReason::kBetter;
  } else if (better_for_ > 0) {
    Options sure = best(services, budget_mbps * settings_.sure_share, rtt_ms);
    reason = is_better(sure) ? DecisionReason::kBetter : DecisionReason::kWaitsToBeSure;
    if (is_better(sure)) current_ = std::move(sure);
  }
  return describe(services, report, rtt_ms, budget_mbps, reason);
}

Decision Planner::all_on_vehicle(Time now) {
  LinkReport nothing;
  nothing.connected = false;
  const std::span<const Service> services = policy_->services(now, nothing);
  current_.clear();
  for (const Service& service : services) current_.push_back(vehicle_option(service));
  better_for_ = 0;
  return describe(services, nothing, 0, 0, DecisionReason::kNoCloud);
}

Planner::Options Planner::best(std::span<const Service> services, double budget_mbps, double rtt_ms) {
  Options options = allocator_->allocate({services, budget_mbps, rtt_ms}).options;
  for (std::size_t i = 0; i < services.size(); ++i)
    if (!options[i]) options[i] = vehicle_option(services[i]);
  return options;
}

bool Planner::fits(std::span<const Service> services, double budget_mbps, double rtt_ms) const {
  double sum_mbps = 0;
  for (std::size_t i = 0; i < services.size(); ++i) {
    const ModelOption& option = services[i].options[*current_[i]];
    const auto sending = needed_while_sending_mbps(option, services[i].slo_ms, rtt_ms);
    if (!sending || *sending > budget_mbps + kRounding) return false;
    sum_mbps += *sending * option.duty;
  }
  return sum_mbps <= budget_mbps + kRounding;
}

Decision Planner::describe(std::span<const Service> services, const LinkReport& report, double rtt_ms,
                           double budget_mbps, DecisionReason reason) {
  Decision decision;
  decision.available_mbps = report.bandwidth_mbps;
  decision.budget_mbps = budget_mbps;
  decision.rtt_ms = rtt_ms;
  decision.rtt_source = report.rtt_source;
  decision.policy = policy_->name();
  decision.allocator = allocator_->name();
  decision.budget_rule = budget_->name();
  decision.reason = reason;
  for (std::size_t i = 0; i < services.size(); ++i) {
    const ModelOption& option = services[i].options[*current_[i]];
    ServiceChoice choice;
    choice.service_id = services[i].id;
    choice.config = option.config;
    choice.utility = option.utility;
    choice.needed_mbps = needed_mbps(option, services[i].slo_ms, rtt_ms).value_or(0);
    choice.on_vehicle = option.on_vehicle;
    decision.needed_mbps += choice.needed_mbps;
    decision.expected_utility += option.utility;
    decision.local_utility += services[i].options[vehicle_option(services[i])].utility;
    decision.services.push_back(std::move(choice));
  }
  const double count = static_cast<double>(std::max<std::size_t>(services.size(), 1));
  decision.expected_utility /= count;
  decision.local_utility /= count;
  // Everything available, in proportion to the needs: each frame then arrives earlier by the same factor.
  const double factor =
      decision.needed_mbps > 0 ? std::max(1.0, report.bandwidth_mbps / decision.needed_mbps) : 0;
  for (ServiceChoice& choice : decision.services) choice.allocated_mbps = choice.needed_mbps * factor;
  if (reason == DecisionReason::kNoCloud) return decision;
  decision.promised = budget_->promise(decision.needed_mbps);
  if (settings_.runner_up) decision.runner_up = runner_up(services, budget_mbps, rtt_ms);
  return decision;
}

// The best of the allocations that forbid one service its choice; of equals the one that changes a later
// service.
std::optional<RunnerUp> Planner::runner_up(std::span<const Service> services, double budget_mbps,
                                           double rtt_ms) {
  weighed_.assign(services.begin(), services.end());
  std::optional<Allocation> best;
  for (std::size_t i = 0; i < services.size(); ++i) {
    ModelOption& forbidden = weighed_[i].options[*current_[i]];
    // The on-vehicle model stands for "nothing" when it is forbidden; an allocation that has nothing is none.
    const ModelOption before = forbidden;
    forbidden.on_vehicle = false;
    forbidden.size_megabits = 1;
    forbidden.runtime_ms = HUGE_VAL;
    Allocation other = allocator_->allocate({weighed_, budget_mbps, rtt_ms});
    forbidden = before;
    const bool complete = std::all_of(other.options.begin(), other.options.end(),
                                      [](const auto& option) { return option.has_value(); });
    if (complete && (!best || other.total_value >= best->total_value)) best = std::move(other);
  }
  if (!best) return std::nullopt;
  RunnerUp second;
  for (std::size_t i = 0; i < services.size(); ++i)
    second.configs.push_back(services[i].options[*best->options[i]].config);
  second.utility = best->total_utility / static_cast<double>(services.size());
  second.needed_mbps = best->total_needed_mbps;
  return second;
}

}  // namespace turbo
