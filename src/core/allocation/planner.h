#pragma once
// From {bandwidth, RTT} to a choice for every service: the exact allocation, held steady. A choice that no
// longer fits is left at once; a better one is taken when it was better at two decisions in a row, and then
// with a little room to spare. What the choices do not need is shared among the services that use the
// network. No clock, no thread.

#include <optional>
#include <string>
#include <vector>

#include "core/utility/model_table.h"
#include "core/utility/utility_curve.h"

namespace turbo {

struct PlannerSettings {
  std::vector<int> services;  // in order of priority
  double slo_ms = 150;
  double bandwidth_safety = 0.9;  // share of the bandwidth that choices may need, 0 to 1
  double up_margin = 0.05;        // of that share left free by a choice that is switched up to
  int up_decisions = 2;           // in a row, before switching up
};

struct ServiceChoice {
  int service_id = 0;
  std::string config;
  double utility = 0;
  double needed_mbps = 0;
  double allocated_mbps = 0;  // at least what is needed; 0 on the vehicle
  bool on_vehicle = true;
};

struct Decision {
  std::vector<ServiceChoice> services;  // in the order of the settings
  double available_mbps = 0;            // as given; the allocated ones sum to no more
  double rtt_ms = 0;
  double expected_utility = 0;  // mean over the services
  double local_utility = 0;     // were every service on the vehicle
};

// The options of a table: its on-vehicle model's bare configuration, and every cloud configuration but the
// raw-frame ones (a client sends the resized input under that name). Throws std::runtime_error (what is
// missing; what to do) without a utility column, without the on-vehicle model or without services.
std::vector<ModelOption> options_of(const ModelTable& table, const std::string& onvehicle_model);

class Planner {
 public:
  Planner(PlannerSettings settings, std::vector<ModelOption> options);

  // bandwidth: 0 to 1e6 Mbps; rtt: 0 to 1e6 ms. Others are refused: nothing, and the last decision stays.
  std::optional<Decision> decide(double bandwidth_mbps, double rtt_ms);
  // The network is gone as far as we know.
  Decision all_on_vehicle();

 private:
  using Options = std::vector<std::optional<std::size_t>>;  // one for each service

  Options best(double budget_mbps, double rtt_ms) const;
  bool fits(const Options& chosen, double budget_mbps, double rtt_ms) const;
  double utility(const Options& chosen) const;
  Decision describe(double bandwidth_mbps, double rtt_ms) const;

  PlannerSettings settings_;
  std::vector<ModelOption> options_;
  std::size_t vehicle_option_ = 0;
  Options current_;
  int better_for_ = 0;  // decisions in a row
};

}  // namespace turbo
