#pragma once
// Which processes the vehicle has, and how each is started.

#include <string>
#include <vector>

#include "process/client_config.h"
#include "process/process.h"
#include "process/supervisor.h"

namespace turbo {

// Without those that arguments.external names; throws UsageError for a name that no process has. Each gets a
// folder of its name below run_folder.
std::vector<ChildSpec> vehicle_processes(const ClientConfig& config, const Arguments& arguments,
                                         const std::string& run_folder);

}  // namespace turbo
