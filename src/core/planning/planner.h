#pragma once
// From what the transport reports to a choice for every service. The allocator says what is best for one
// bandwidth; for how much of the link is weighed here: a choice is worth what it is expected to bring, the
// cloud's utility with the probability that its frames are in time and the vehicle's without, since the
// vehicle answers whenever the cloud does not. The vehicle alone is always weighed, too. The choice in force
// stays while no other is expected to bring clearly more, so that noise does not move it. A floor comes
// before all utilities, as far as it can be kept: a chance of less than a half is none, one of nine tenths is
// as good as certain. What the choices do not need is shared among the services that use the network. No
// clock, no thread.

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
  // A choice that is expected to bring more is made if that is more by this share of all that it brings
  // beyond the vehicle alone; 0 to 1.
  double keep = 0.03;
};

struct ServiceChoice {
  int service_id = 0;
  std::string config;
  double utility = 0;
  double needed_mbps = 0;
  // Its share of what is available, by what it needs; 0 on the vehicle. Services that take turns each have
  // the share that they have together: only one of them sends at a time.
  double allocated_mbps = 0;
  bool on_vehicle = true;
};

enum class DecisionReason {
  kNothingBetter,  // nothing is expected to bring clearly more than the choice before
  kBetter,         // this one is
  kNoLongerFits,   // the choice before needs more than there is, or can't be in time
  kUnlikely,       // the choice before is less likely in time than was asked for
  kKeptMissing,    // the choice before was in time by every estimate, and its frames were not
  kTries,          // nothing was sent for a while: the link is tried, likely or not
  kNoCloud,        // not connected, or nobody asked
};
// For people. margin: PlannerSettings::keep.
std::string reason_text(DecisionReason reason, double margin);

struct RunnerUp {
  std::vector<std::string> configs;      // in the order of the services
  double utility = 0;                    // mean over the services, in time
  std::optional<double> likely_utility;  // as a decision's
  double needed_mbps = 0;
};

struct Decision {
  std::vector<ServiceChoice> services;  // in the policy's order
  // What was known.
  double available_mbps = 0;  // as reported; the allocated ones sum to no more, turns counted once
  std::optional<double> low_mbps, high_mbps;
  bool app_limited = false;
  double budget_mbps = 0;  // the most that choices might need
  double rtt_ms = 0;       // as planned with
  std::string rtt_source;
  std::string policy, allocator, budget_rule;
  // What comes of it.
  DecisionReason reason = DecisionReason::kNothingBetter;
  double margin = 0;            // PlannerSettings::keep
  double needed_mbps = 0;       // together: turns_need.h
  double expected_utility = 0;  // mean over the services of what the choices are worth in time
  // The same with the vehicle's answers where they are not; none: that is not forecast.
  std::optional<double> likely_utility;
  double local_utility = 0;        // were every service on the vehicle
  std::optional<double> promised;  // share of frames in time, 0 to 1
  bool tries = false;              // made to learn of the link, however unlikely that is
  // The next best of those that were weighed.
  std::optional<RunnerUp> runner_up;
};

class Planner {
 public:
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
    const LinkReport& report;
    std::span<const Service> services;
    double rtt_ms = 0;
  };
  // What might be chosen.
  struct Weighed {
    Options options;
    double needed_mbps = 0;
    std::optional<double> chance;  // none: not forecast, or nothing is sent
    double value = 0;              // expected, of all services, by their weights and floors
    double gain = 0;               // of that, by weights alone, beyond the vehicle
  };

  DecisionReason choose(const Known& known);
  std::optional<DecisionReason> leave(const Known& known, const std::optional<Weighed>& current) const;
  void weigh_others(const Known& known);
  void keep_best(Weighed weighed);
  std::optional<Weighed> weigh(const Known& known, Options options, double in_favour = 0) const;
  bool allowed(const Weighed& weighed) const;
  Options best(const Known& known, double budget_mbps);
  Decision describe(const Known& known, DecisionReason reason) const;
  RunnerUp describe_runner_up(const Known& known) const;

  PlannerSettings settings_;
  std::unique_ptr<UtilityPolicy> policy_;
  std::unique_ptr<Allocator> allocator_;
  std::unique_ptr<BandwidthBudget> budget_;
  Options current_;  // empty before the first decision
  // Of the decision at hand.
  std::optional<Weighed> first_, second_;
};

}  // namespace turbo
