#pragma once
// A main's --check asks each process that it would start for its own: what only that one reads (the model
// table, evaluation data) is checked by the code that will read it.

#include <vector>

#include "process/supervisor.h"

namespace turbo {

// All at once, and waits for them; not those that the user runs. Throws UsageError with the line of the first
// one that refuses its configuration.
void check_children(const std::vector<ChildSpec>& children);

}  // namespace turbo
