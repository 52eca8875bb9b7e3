#pragma once
// Independent pieces of work on several threads.

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace turbo {

// work(i) for every i below count, each once, on so many threads (0: one a core). Ends early when *stop
// becomes true, or when work throws: then the exception of the least i that threw is thrown, whatever the
// threads did. True: all are done.
template <typename Work>
bool in_parallel(std::size_t count, std::size_t threads, const Work& work,
                 const std::atomic<bool>* stop = nullptr) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::exception_ptr> failures(count);
  std::atomic<std::size_t> next = 0, finished = 0;
  std::atomic<bool> failed = false;
  const auto run = [&] {
    // A number that was taken is worked on, so none below one that failed is left out.
    for (std::size_t i; !failed && !(stop != nullptr && *stop) && (i = next++) < count;) try {
        work(i);
        ++finished;
      } catch (...) {
        failures[i] = std::current_exception();
        failed = true;
      }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads && i < count; ++i) others.emplace_back(run);
    run();
  }
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
  return finished == count;
}

}  // namespace turbo
