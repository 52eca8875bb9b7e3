#pragma once
// Holds a sender to a rate, with a burst of at most 100 ms of it (but at least
// one full packet). Fed with time; no clock, no thread. A sender may overdraw
// by the packet it is writing: the debt is paid before more comes free.

#include <cstdint>

#include "core/time.h"

namespace turbo {

class TokenBucket {
 public:
  static constexpr std::int64_t kPacketBytes = 1500;
  static constexpr double kDepthSeconds = 0.1;

  TokenBucket(Time now, double rate_bps);  // starts full

  // What was saved so far stays, cut to the new depth. Not finite or below 0 counts as 0: closed.
  void set_rate(Time now, double rate_bps);
  double rate_bps() const { return rate_bps_; }

  std::int64_t available(Time now) const;  // bytes that may go now; 0 while closed or in debt
  void take(Time now, std::int64_t bytes);
  // How long until this many bytes (at most the depth) are available. Duration::max() while closed.
  Duration time_until(Time now, std::int64_t bytes) const;

 private:
  double depth_bytes() const;
  double level_at(Time now) const;

  double rate_bps_ = 0;
  double level_bytes_ = 0;  // at updated_; below 0: debt
  Time updated_;
};

}  // namespace turbo
