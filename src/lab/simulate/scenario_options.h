#pragma once
// The command line of turbo-simulate, made into a scenario.

#include <optional>
#include <string>

#include "lab/link/link_options.h"
#include "lab/simulate/scenario.h"

namespace CLI {
class App;
}

namespace turbo::simulate {

struct ScenarioOptions {
  LinkOptions link;  // as turbo-link's; its seed is everybody's
  std::optional<double> rtt_ms;
  double duration_s = 60, slo_ms = 150, queue_slo_ms = 100;
  int services = 3;
  double fps = 15, frame_kb = 40, frame_spread = 0, compress_ms = 0;
  bool in_step = false, bulk = false;
  double server_ms = 20, server_spread = 0, answer_kb = 1.5;
  double wake_ms = 0.05;
  double initial_mbps = 2, guaranteed_mbps = 0;
  std::int64_t packet_bytes = 1'472;
  bool no_freshness = false, no_cancel = false, no_probe = false, withhold = false;
  std::string formula = "delivery";
};

void declare(CLI::App& app, ScenarioOptions& options);
// Throws LinkConfigError or std::invalid_argument; simulate() checks what this does not.
Scenario make_scenario(const ScenarioOptions& options);

}  // namespace turbo::simulate
