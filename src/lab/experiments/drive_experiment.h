#pragma once
// Drives of every link, scenario, SLO, policy, allocator and budget asked for, on all cores. The same request
// gives the same results, whatever the number of threads; a row depends on no other.

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "core/planning/planner.h"
#include "lab/experiments/data.h"
#include "lab/experiments/drive.h"
#include "lab/experiments/links.h"

namespace turbo::experiments {

struct DriveRequest {
  std::vector<NamedLink> links;
  std::vector<ScenarioData> scenarios;
  std::vector<double> slos_ms;  // of the cameras; none: the services' own
  std::vector<std::string> policies, allocators, budgets;
  PlannerSettings planner;
  Disturbance disturbance;
  bool staggered = false;
  std::uint64_t seed = 1;
};

struct DriveRow {
  std::string trace, scenario, policy, allocator, budget;
  double rtt_ms = 0, slo_ms = 0;
  std::size_t services = 0;
  double clairvoyant = 0, link_clairvoyant = 0;  // utility; the second: Foresight::kLinkAndCosts
  DriveResult result;
};

// In the order of the request, the last of its lists varying fastest. Nothing when it was stopped.
// done: after each drive. Throws std::invalid_argument before the first.
std::vector<DriveRow> run_drives(const DriveRequest& request, unsigned threads, const std::atomic<bool>& stop,
                                 const std::function<void()>& done);

}  // namespace turbo::experiments
