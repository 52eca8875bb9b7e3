#pragma once
// The part of bandwidth_allocator_config that says what is chosen, and how.

#include <vector>

#include "process/client_config.h"
#include "process/config_reader.h"

namespace turbo {

// Into config, whose service_id_list is set: weights, least utilities, frame rates, allocator, policy,
// promise, and the frame rates of the services' cameras. Throws UsageError with one line.
void read_allocation(ConfigSection& section, const std::vector<CameraStreamConfig>& cameras,
                     BandwidthAllocatorConfig& config);

}  // namespace turbo
