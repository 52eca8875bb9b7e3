#pragma once
// Which processes the vehicle has, and how each is started.

#include <string>
#include <vector>

#include "process/client_config.h"
#include "process/process.h"
#include "process/quic_config.h"
#include "process/supervisor.h"

namespace turbo {

// What neither file shows alone: throws UsageError for a file that is named and not there, for a service that
// one file has and the other lacks, and for socket folders that differ.
void check_vehicle(const ClientConfig& config, const QuicConfig& quic, const Arguments& arguments);

// Those that arguments.external names are marked so; throws UsageError for a name that no process has. Each
// gets a folder of its name below run_folder.
std::vector<ChildSpec> vehicle_processes(const ClientConfig& config, const Arguments& arguments,
                                         const std::string& run_folder);

}  // namespace turbo
