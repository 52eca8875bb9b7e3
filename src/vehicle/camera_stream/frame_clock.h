#pragma once
// When frames are due: every period, at moments that all cameras of a machine agree on. The phase (0 to 1
// period) keeps several cameras from all working at one moment.

#include "core/time.h"

namespace turbo {

class FrameClock {
 public:
  FrameClock(double frames_per_second, double phase)
      : period_(from_seconds(1.0 / frames_per_second)), phase_(from_seconds(phase / frames_per_second)) {}

  Duration period() const { return period_; }

  // The first moment after `time`.
  Time next(Time time) const {
    const auto since = time.time_since_epoch() - phase_;
    auto ticks = since / period_;
    if (since < Duration::zero() && since % period_ != Duration::zero()) --ticks;
    return Time(phase_ + (ticks + 1) * period_);
  }

 private:
  Duration period_, phase_;
};

}  // namespace turbo
