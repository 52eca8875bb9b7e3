#pragma once
// The RTT to plan with: the median of the last ten seconds, which no outlier moves; but what the last two
// both exceed is the road's new RTT: for reports every 500 ms, where two make a second; the window
// has room for ten seconds at three reports a second. No clock, no thread, no allocation.

#include <array>
#include <cstddef>

#include "core/time.h"

namespace turbo {

class RttWindow {
 public:
  void add(Time now, double rtt_ms);  // one that is not 0 to 1e6 ms is ignored
  // latest_ms before the first.
  double planned_ms(Time now, double latest_ms) const;

 private:
  struct Sample {
    Time at;
    double rtt_ms = 0;
  };
  static constexpr std::size_t kCapacity = 32;  // the oldest gives way
  const Sample& newest(std::size_t back) const {
    return samples_[(next_ + kCapacity - 1 - back) % kCapacity];
  }
  std::array<Sample, kCapacity> samples_{};
  std::size_t size_ = 0, next_ = 0;
};

}  // namespace turbo
