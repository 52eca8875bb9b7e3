#pragma once
// Follows turbo-link's status file while it grows.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "lab/demo/line_follower.h"

namespace turbo {

class LinkFollower {
 public:
  explicit LinkFollower(std::string path) : lines_(std::move(path)) {}

  void read();         // what is new
  void start_count();  // mean_mbps() counts from the next reading on

  bool started() const { return intervals_ > 0; }
  std::optional<double> recent_mbps() const;  // uplink capacity over the last second
  double mean_mbps() const { return counted_ ? sum_mbps_ / static_cast<double>(counted_) : 0; }

 private:
  void take(const std::string& line);
  LineFollower lines_;
  std::uint64_t intervals_ = 0, counted_ = 0;
  double sum_mbps_ = 0;
  std::deque<double> recent_;
};

}  // namespace turbo
