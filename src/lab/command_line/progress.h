#pragma once
// How far a longer piece of work is, on stderr: a line that is redrawn on a terminal, one for every ten per
// cent elsewhere. Says nothing in the first two seconds, so that short work is silent.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace turbo {

// Any thread.
class Progress {
 public:
  Progress(std::string what, std::uint64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  // ends the line

  void advance(std::uint64_t by = 1);

  // "turbo-x: 40 % (400 of 1000), 12 s to go"
  static std::string line(const std::string& what, std::uint64_t done, std::uint64_t total, double elapsed_s);

 private:
  using Clock = std::chrono::steady_clock;

  const std::string what_;
  const std::uint64_t total_;
  const bool terminal_;
  const Clock::time_point begin_ = Clock::now();
  std::mutex mutex_;
  std::uint64_t done_ = 0;
  Clock::time_point told_ = begin_;
  std::uint64_t told_tenth_ = 0;
  bool line_open_ = false;
};

}  // namespace turbo
