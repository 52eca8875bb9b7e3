#pragma once
// SIGINT and SIGTERM end a long command between two pieces of its work: what was half written is removed.

#include <atomic>
#include <stdexcept>

namespace turbo {

// True from the first such signal on; the first call begins to listen. A signal that the program was started
// to ignore stays ignored.
const std::atomic<bool>& interrupted();
// The exit status for it: 128 and the first signal's number; 0: there was none.
int interrupt_status();

// Thrown by work that was told to stop.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace turbo
