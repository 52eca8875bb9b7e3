#pragma once
// The diagnostics that were taken, a line each, in a file that does not grow without bound: at `most_bytes`
// it becomes NAME.1.EXTENSION (in the place of the one before) and a new one is begun.

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include "process/trouble.h"

namespace turbo {

class MessageRecord {
 public:
  static constexpr std::uint64_t kMostBytes = 64 << 20;

  // An empty path: nothing is recorded.
  explicit MessageRecord(const std::string& path, std::uint64_t most_bytes = kMostBytes);

  void write(std::string_view line);
  // A file that cannot be written is said in the log once, and tried again with the next flush.
  void flush();

 private:
  void open();
  void roll();

  std::string path_;
  std::uint64_t most_bytes_;
  std::ofstream file_;
  std::uint64_t size_bytes_ = 0;
  Trouble trouble_;
};

}  // namespace turbo
