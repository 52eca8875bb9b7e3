#pragma once
// The shell around two LinkModels: packets from one TUN device come out of the other when the model says so.
// One thread, which sleeps until the next departure to the nanosecond (as near as the kernel wakes it).

#include "lab/link/setup.h"
#include "lab/link/status_log.h"
#include "lab/link/tun_device.h"

namespace turbo {

// Until `stop_fd` can be read. `status` may be null. Throws std::runtime_error if a device is gone.
void run_link(LinkPair& links, TunDevice& vehicle, TunDevice& cloud, StatusLog* status, int stop_fd);

}  // namespace turbo
