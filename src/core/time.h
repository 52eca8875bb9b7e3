#pragma once
// Time as the core sees it: an argument. CLOCK_MONOTONIC
// on Linux, so that processes of one machine can compare.

#include <chrono>

namespace turbo {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
inline double milliseconds(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }
inline Duration from_seconds(double s) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s));
}
inline Duration from_milliseconds(double ms) { return from_seconds(ms / 1e3); }

}  // namespace turbo
