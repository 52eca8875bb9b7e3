#pragma once
// How far a long command is, on stderr: a bar on a terminal, elsewhere a line for every tenth; nothing in the
// first second.

#include <chrono>
#include <cstddef>
#include <string>

namespace turbo::experiments {

class Progress {
 public:
  Progress(std::string what, bool quiet);  // what is counted: "drives"
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(std::size_t done, std::size_t all);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  std::size_t tenths_ = 0;
  bool quiet_, terminal_, shown_ = false;
  Clock::time_point began_ = Clock::now(), drawn_ = began_;
};

}  // namespace turbo::experiments
