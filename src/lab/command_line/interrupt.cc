#include "lab/command_line/interrupt.h"

#include <signal.h>

namespace turbo {
namespace {

std::atomic<bool> got_signal = false;
std::atomic<int> first_signal = 0;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void take(int number) {
  int none = 0;
  first_signal.compare_exchange_strong(none, number);
  got_signal = true;
}

bool listen() {
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = take;
    action.sa_flags = SA_RESTART;
    sigaction(number, &action, nullptr);
  }
  return true;
}

}  // namespace

const std::atomic<bool>& interrupted() {
  static const bool listening = listen();
  static_cast<void>(listening);
  return got_signal;
}

int interrupt_status() { return first_signal == 0 ? 0 : 128 + first_signal; }

}  // namespace turbo
