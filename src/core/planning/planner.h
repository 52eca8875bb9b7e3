#pragma once
// From what the transport reports to a choice for every service: what a policy believes, chosen among by an
// allocator, held steady. A choice that no longer fits is left at once; a better one is taken when it fits
// the budgets of two decisions in a row, with a little room to spare, or at once when it has much. Decisions
// count only with kApart between them: two reports of one moment are one. An allocator that does not go by
// value has no better choices: what it says is taken when it says the same twice. What the choices do not
// need is shared among the services that use the network. No clock, no thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/allocation/allocator.h"
#include "core/planning/bandwidth_budget.h"
#include "core/planning/link_report.h"
#include "core/planning/utility_policy.h"

namespace turbo {

struct PlannerSettings {
  double up_margin = 0.05;  // of the budget, left free by a choice that is switched up to; 0 to 1
  int up_decisions = 2;     // in a row, before switching
  double sure_share = 0.6;  // of the budget: what is better and fits in so little is no noise
  bool runner_up = true;    // look for it: one more allocation for each service
};

struct ServiceChoice {
  int service_id = 0;
  std::string config;
  double utility = 0;
  double needed_mbps = 0;
  double allocated_mbps =
      0;  // at least what is needed; 0 on the vehicle. Those that take turns have the same
  bool on_vehicle = true;
};

enum class DecisionReason {
  kNothingFitsBetter,  // the best there is, and it stays
  kNoLongerFits,       // the choice before needed more than there is now, or can't be in time any more
  kKeptMissing,        // the choice before was in time by every estimate, and its frames were not
  kBetter,             // this one is worth more
  kAllocatorsRule,     // by the rule of an allocator that does not go by value
  kWaitsToBeSure,      // another one was seen; it must be so at one more decision
  kNoCloud,            // not connected, or nobody asked
};
std::string_view reason_text(DecisionReason reason);  // for people

struct RunnerUp {
  std::vector<std::string> configs;  // in the order of the services
  double utility = 0;                // mean over the services
  bool waits = false;                // it is chosen if it still would be at one more decision
  double needed_mbps = 0;
};

struct Decision {
  std::vector<ServiceChoice> services;  // in the policy's order
  // What was known.
  double available_mbps = 0;  // as reported; the allocated ones sum to no more
  std::optional<double> low_mbps, high_mbps;
  bool app_limited = false;
  double budget_mbps = 0;  // what the choices may need
  double rtt_ms = 0;       // as planned with
  std::string rtt_source;
  std::string policy, allocator, budget_rule;
  // What comes of it.
  DecisionReason reason = DecisionReason::kNothingFitsBetter;
  double needed_mbps = 0;          // together: turns_need.h
  double expected_utility = 0;     // mean over the services
  double local_utility = 0;        // were every service on the vehicle
  std::optional<double> promised;  // share of frames in time, 0 to 1
  // What waits. Else the best allocation that would fit too and does more than exchange what services of the
  // same options have.
  std::optional<RunnerUp> runner_up;
};

class Planner {
 public:
  static constexpr Duration kApart = std::chrono::milliseconds(200);

  Planner(PlannerSettings settings, std::unique_ptr<UtilityPolicy> policy,
          std::unique_ptr<Allocator> allocator, std::unique_ptr<BandwidthBudget> budget);

  // bandwidth: 0 to 1e6 Mbps; rtt: 0 to 1e6 ms. Others are refused: nothing, and the last decision stays.
  std::optional<Decision> decide(Time now, const LinkReport& report);
  // The network is gone as far as we know.
  Decision all_on_vehicle(Time now);

 private:
  using Options = std::vector<std::optional<std::size_t>>;  // one for each service

  // What is known at one decision.
  struct Known {
    Time now;
    const LinkReport& report;
    std::span<const Service> services;
    double rtt_ms = 0, budget_mbps = 0;
  };

  DecisionReason choose(const Known& known);
  DecisionReason choose_better(const Known& known);
  DecisionReason follow_allocator(const Known& known);
  bool counts(Time now);
  Options best(const Known& known, double budget_mbps);
  bool fits(const Known& known) const;
  Decision describe(const Known& known, DecisionReason reason);
  static RunnerUp described(const Known& known, const Options& options);
  std::optional<RunnerUp> runner_up(const Known& known);
  void forbid(const Known& known, std::size_t index);

  PlannerSettings settings_;
  std::unique_ptr<UtilityPolicy> policy_;
  std::unique_ptr<Allocator> allocator_;
  std::unique_ptr<BandwidthBudget> budget_;
  Options current_;  // empty before the first decision
  // What waits: the decisions in a row that were for it, the last that counted, the smallest of their
  // budgets.
  Options waiting_;
  int waited_ = 0;
  Time counted_at_{};
  double waited_mbps_ = 0;
  std::vector<Service> weighed_;  // for the runner-up: services with options forbidden
};

}  // namespace turbo
