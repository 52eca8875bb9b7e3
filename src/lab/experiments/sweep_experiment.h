#pragma once
// Sweeps of every scenario over a grid, with every policy and allocator asked for, on all cores. The same
// request gives the same rows, whatever the number of threads; a row depends on no other scenario.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lab/experiments/data.h"
#include "lab/experiments/sweep.h"

namespace turbo::experiments {

struct SweepRequest {
  std::vector<GridPoint> grid;
  std::vector<std::string> policies, allocators;
};

struct SweepRow {
  std::string scenario, policy, allocator;
  GridPoint point;  // with the cameras' SLO
  std::int64_t services = 0, frames = 0;
  double vehicle_utility = 0;
  double clairvoyant = 0;  // utility of the oracle with the exact allocator, at the same point
  SweepResult result;
};

// By scenario, policy, allocator, point. done: after each allocator of each policy of each scenario. Nothing
// when it was stopped. Throws std::invalid_argument before the long work.
std::vector<SweepRow> run_sweep(const SweepRequest& request, const std::vector<ScenarioData>& scenarios,
                                unsigned threads, const std::atomic<bool>& stop,
                                const std::function<void()>& done);

}  // namespace turbo::experiments
