#pragma once
// Reads a text file of lines while another process still writes it.

#include <cstdint>
#include <functional>
#include <string>

namespace turbo {

class LineFollower {
 public:
  explicit LineFollower(std::string path) : path_(std::move(path)) {}
  void read(const std::function<void(const std::string&)>& take);  // every whole line that is new

 private:
  std::string path_;
  std::uint64_t offset_ = 0;
};

}  // namespace turbo
