#include "core/bandwidth/congestion_watchdog.h"

#include <algorithm>

namespace turbo {
namespace {
constexpr int kMostDoublings = 4;
constexpr Duration kLeastQueue = std::chrono::milliseconds(10);
}  // namespace

bool CongestionWatchdog::check(Time now, std::int64_t window_bytes, Duration smoothed_rtt,
                               const LinkEstimate& link, bool data_waiting) {
  const double allowed_bps = 8.0 * static_cast<double>(window_bytes) / std::max(seconds(smoothed_rtt), 1e-6);
  // With a queue it is the link that is slow, and the estimate will follow.
  const bool queued = link.queueing_delay > std::max(kLeastQueue, link.min_rtt / 2);
  const bool measured = link.age != Duration::max();
  if (!data_waiting || !measured || queued || smoothed_rtt <= Duration::zero() ||
      allowed_bps >= settings_.fraction * link.rate_bps) {
    suspicious_since_.reset();
    return false;
  }
  if (!suspicious_since_) suspicious_since_ = now;
  const Duration patience =
      std::max(settings_.patience, from_seconds(settings_.patience_rtts * seconds(smoothed_rtt)));
  if (now - *suspicious_since_ < patience) return false;
  const Duration pause = settings_.pause * (1 << std::min(std::max(in_a_row_ - 1, 0), kMostDoublings));
  if (last_verdict_ && now - *last_verdict_ < pause) return false;
  in_a_row_ = last_verdict_ && now - *last_verdict_ < 4 * pause ? in_a_row_ + 1 : 1;
  last_verdict_ = now;
  suspicious_since_.reset();
  ++verdicts_;
  return true;
}

}  // namespace turbo
