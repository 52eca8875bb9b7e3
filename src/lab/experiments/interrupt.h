#pragma once
// SIGINT and SIGTERM end a long command between two cases, before any file is written.

#include <atomic>

namespace turbo::experiments {

// True from the first such signal on; the first call begins to listen.
const std::atomic<bool>& interrupted();

}  // namespace turbo::experiments
