#pragma once
// Runs a scenario in virtual time. Every part says when it has something to do next; the earliest goes first,
// in a fixed order at the same time: the same scenario gives the same records, bit for bit.

#include "lab/simulate/allocation_policy.h"
#include "lab/simulate/records.h"
#include "lab/simulate/scenario.h"

namespace turbo::simulate {

// Throws LinkConfigError for a link, std::invalid_argument for anything else that cannot be simulated.
Records simulate(const Scenario& scenario, AllocationPolicy& policy);
// With the fixed configuration.
Records simulate(const Scenario& scenario);

}  // namespace turbo::simulate
