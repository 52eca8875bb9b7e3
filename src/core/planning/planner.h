#pragma once
// From what the transport reports to a choice for every service: what a policy believes, chosen among by an
// allocator, held steady. A choice that no longer fits is left at once; a better one is taken when it was
// better at two decisions in a row, and then with a little room to spare, or at once when it has much. What
// the choices do not need is shared among the services that use the network. No clock, no thread.

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
  int up_decisions = 2;     // in a row, before switching up
  double sure_share = 0.6;  // of the budget: what is better and fits in so little is no noise
  bool runner_up = true;    // look for it: one more allocation for each service
};

struct ServiceChoice {
  int service_id = 0;
  std::string config;
  double utility = 0;
  double needed_mbps = 0;
  double allocated_mbps = 0;  // at least what is needed; 0 on the vehicle
  bool on_vehicle = true;
};

enum class DecisionReason {
  kNothingFitsBetter,  // the best there is, and it stays
  kNoLongerFits,       // the choice before needed more than there is now, or can't be in time any more
  kBetter,             // this one is worth more
  kWaitsToBeSure,      // a better one was seen; it must be so at one more decision
  kNoCloud,            // not connected, or nobody asked
};
std::string_view reason_text(DecisionReason reason);  // for people

struct RunnerUp {
  std::vector<std::string> configs;  // in the order of the services
  double utility = 0;                // mean over the services
  double needed_mbps = 0;
};

struct Decision {
  std::vector<ServiceChoice> services;  // in the policy's order
  // What was known.
  double available_mbps = 0;  // as reported; the allocated ones sum to no more
  double budget_mbps = 0;     // what the choices may need
  double rtt_ms = 0;          // as planned with
  std::string rtt_source;
  std::string policy, allocator, budget_rule;
  // What comes of it.
  DecisionReason reason = DecisionReason::kNothingFitsBetter;
  double needed_mbps = 0;          // sum
  double expected_utility = 0;     // mean over the services
  double local_utility = 0;        // were every service on the vehicle
  std::optional<double> promised;  // share of frames in time, 0 to 1
  // The best allocation that differs for some service, and would fit too.
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

  Options best(std::span<const Service> services, double budget_mbps, double rtt_ms);
  bool fits(std::span<const Service> services, double budget_mbps, double rtt_ms) const;
  Decision describe(std::span<const Service> services, const LinkReport& report, double rtt_ms,
                    double budget_mbps, DecisionReason reason);
  std::optional<RunnerUp> runner_up(std::span<const Service> services, double budget_mbps, double rtt_ms);

  PlannerSettings settings_;
  std::unique_ptr<UtilityPolicy> policy_;
  std::unique_ptr<Allocator> allocator_;
  std::unique_ptr<BandwidthBudget> budget_;
  Options current_;               // empty before the first decision
  int better_for_ = 0;            // decisions in a row
  std::vector<Service> weighed_;  // for the runner-up: services with one option forbidden
};

}  // namespace turbo
