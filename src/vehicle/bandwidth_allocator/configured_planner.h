#pragma once
// The planner that a configuration asks for.

#include "core/planning/planner.h"
#include "process/client_config.h"

namespace turbo {

// Reads the model table and, where they are named, the evaluation data. Throws UsageError with one line of
// what is wrong with them, or with the configuration.
Planner make_planner(const BandwidthAllocatorConfig& config);

}  // namespace turbo
