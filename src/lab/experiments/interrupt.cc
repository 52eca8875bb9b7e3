#include "lab/experiments/interrupt.h"

#include <csignal>

namespace turbo::experiments {
namespace {

std::atomic<bool> got_signal = false;
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

const std::atomic<bool>& interrupted() {
  static const bool listening = [] {
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { got_signal = true; });
    return true;
  }();
  static_cast<void>(listening);
  return got_signal;
}

}  // namespace turbo::experiments
