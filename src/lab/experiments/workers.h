#pragma once
// The same work for every number from 0 on, by as many threads as the machine has cores.

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace turbo::experiments {

// work(i) for i in [0, count), each once, in any order, by `threads` threads (0: one a core). Ends early when
// `stop` becomes true, or with the first exception, which is thrown on. True: all are done.
inline bool for_each_index(std::size_t count, unsigned threads, const std::atomic<bool>& stop,
                           const std::function<void(std::size_t)>& work) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  std::atomic<std::size_t> next = 0, finished = 0;
  std::atomic<bool> failed = false;
  std::exception_ptr error;
  std::mutex mutex;
  const auto run = [&] {
    for (std::size_t i; !stop && !failed && (i = next++) < count;) {
      try {
        work(i);
        ++finished;
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        failed = true;
      }
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads && i < count; ++i) workers.emplace_back(run);
    run();
  }
  if (error) std::rethrow_exception(error);
  return finished == count;
}

}  // namespace turbo::experiments
