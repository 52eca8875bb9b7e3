#pragma once
// Independent pieces of work on several threads.

#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace turbo {

// work(i) for every i below count. When some throw, the exception of the least i is thrown, whatever the
// threads did.
template <typename Work>
void in_parallel(std::size_t count, std::size_t threads, const Work& work) {
  std::vector<std::exception_ptr> failures(count);
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  const auto run = [&] {
    for (std::size_t i = next++; i < count && !failed; i = next++) try {
        work(i);
      } catch (...) {
        failures[i] = std::current_exception();
        failed = true;
      }
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < threads && i < count; ++i) others.emplace_back(run);
  run();
  others.clear();
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace turbo
