#include "core/scheduling/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {
constexpr double kMaxRateBps = 1e12;      // far above any link; keeps every sum finite
constexpr double kMaxWaitSeconds = 3600;  // longer waits are cut: the rate will have changed by then
double valid(double rate_bps) {
  return std::isfinite(rate_bps) && rate_bps > 0 ? std::min(rate_bps, kMaxRateBps) : 0;
}
}  // namespace

TokenBucket::TokenBucket(Time now, double rate_bps) : rate_bps_(valid(rate_bps)), updated_(now) {
  level_bytes_ = depth_bytes();
}

void TokenBucket::set_rate(Time now, double rate_bps) {
  level_bytes_ = level_at(now);
  updated_ = std::max(updated_, now);
  rate_bps_ = valid(rate_bps);
  level_bytes_ = std::min(level_bytes_, depth_bytes());
}

std::int64_t TokenBucket::available(Time now) const {
  if (rate_bps_ <= 0) return 0;
  // The half byte absorbs what rounding a wait to nanoseconds took off.
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(level_at(now) + 0.5)));
}

void TokenBucket::take(Time now, std::int64_t bytes) {
  level_bytes_ = level_at(now) - static_cast<double>(std::max<std::int64_t>(bytes, 0));
  updated_ = std::max(updated_, now);
}

Duration TokenBucket::time_until(Time now, std::int64_t bytes) const {
  if (rate_bps_ <= 0) return Duration::max();
  const double missing = std::min(static_cast<double>(bytes), depth_bytes()) - level_at(now);
  if (missing <= 0.5) return Duration::zero();
  return from_seconds(std::min(missing * 8 / rate_bps_, kMaxWaitSeconds)) + Duration(1);
}

double TokenBucket::depth_bytes() const {
  return std::max(rate_bps_ / 8 * kDepthSeconds, static_cast<double>(kPacketBytes));
}

double TokenBucket::level_at(Time now) const {
  const double earned = now > updated_ ? seconds(now - updated_) * rate_bps_ / 8 : 0;
  return std::min(level_bytes_ + earned, depth_bytes());
}

}  // namespace turbo
