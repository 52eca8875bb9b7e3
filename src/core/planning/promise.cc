#include "core/planning/promise.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace turbo {
namespace {

constexpr double kTail = 1.2816;         // standard deviations to either end of an interval of four fifths
constexpr double kUnknownSpread = 0.25;  // without an interval, of the bandwidth's logarithm
constexpr double kLeastSpread = 0.03, kMostSpread = 1.5;
constexpr double kFirstMovement = 0.1, kMovementGain = 0.1, kMostMovement = 1.5;
constexpr double kDeviation = 1.25;  // of a normal distribution over its mean absolute deviation
constexpr Duration kMovementTime = std::chrono::milliseconds(400);

constexpr double kMostMargin = 4;  // more says nothing more
constexpr double kFirstOffset = 0.5, kMostOffset = 6;
constexpr double kFirstSlope = 0.8, kLeastSlope = 0.5, kMostSlope = 3;
constexpr double kOffsetStep = 0.4, kFirstOffsetStep = 1, kFirstReports = 10;
constexpr double kSlopeStep = 0.03;
constexpr double kDebtStep = 0.02, kMostDebt = 20;  // of a usual report's frames
constexpr double kFramesGain = 0.01, kMostWeight = 3;
constexpr int kMostFrames = 100'000;                             // of one report
constexpr Duration kFrameTime = std::chrono::milliseconds(100);  // from hand-over until its end is known

double logit(double probability) { return std::log(probability / (1 - probability)); }

}  // namespace

Promise::Promise(double probability)
    : target_logit_(0), offset_(kFirstOffset), slope_(kFirstSlope), movement_(kFirstMovement) {
  if (!(probability >= 0.5 && probability <= 0.99))
    throw std::invalid_argument("promised probability of being in time: expected 0.5 to 0.99");
  target_logit_ = logit(probability);
}

double Promise::budget_mbps(Time now, const LinkReport& report) {
  learn(now, report);
  note_movement(now, report);
  last_at_ = now;
  before_ = last_;
  last_ = {};
  const double to_target = std::clamp((target_logit_ - offset_) / slope_, 0.0, kMostMargin);
  return rate_mbps_ * std::exp(-to_target * spread_);
}

std::optional<double> Promise::promise(double needed_mbps) {
  if (!(needed_mbps > 0)) return std::nullopt;  // nothing is sent
  last_.margin = margin(needed_mbps);
  last_.probability = 1 / (1 + std::exp(-(offset_ + slope_ * last_.margin)));
  last_.made = true;
  return last_.probability;
}

// Only the interval's lower half counts: a budget is never above the estimate.
void Promise::note_movement(Time now, const LinkReport& report) {
  rate_mbps_ = std::isfinite(report.bandwidth_mbps) ? std::max(report.bandwidth_mbps, 0.0) : 0;
  const double low_mbps = report.low_mbps.value_or(0);
  const bool known = low_mbps > 0 && low_mbps <= rate_mbps_;
  const double uncertain = known ? std::log(rate_mbps_ / low_mbps) / kTail : kUnknownSpread;
  if (!moved_at_ || now - *moved_at_ >= kMovementTime) {
    if (moved_at_ && moved_from_mbps_ > 0 && rate_mbps_ > 0) {
      const double moved = std::min(std::abs(std::log(rate_mbps_ / moved_from_mbps_)), kMostMovement);
      movement_ += kMovementGain * (moved - movement_);
    }
    moved_at_ = now;
    moved_from_mbps_ = rate_mbps_;
  }
  spread_ = std::clamp(std::hypot(uncertain, kDeviation * movement_), kLeastSpread, kMostSpread);
}

double Promise::margin(double needed_mbps) const {
  const double below = std::log(std::max(rate_mbps_, 1e-9) / needed_mbps);
  return std::clamp(below / spread_, -kMostMargin, kMostMargin);
}

void Promise::learn(Time now, const LinkReport& report) {
  int finished = 0, in_time = 0;
  for (const ServiceReport& service : report.services) {
    if (service.all_in_time < 0 || service.all_in_time > service.all_finished ||
        service.all_finished > kMostFrames - finished)
      continue;
    finished += service.all_finished;
    in_time += service.all_in_time;
  }
  if (finished == 0 || !(last_.made || before_.made)) return;
  // What ended since the last report was handed over a little earlier: some of it under the promise before.
  double before =
      last_at_ ? std::clamp(seconds(kFrameTime) / std::max(seconds(now - *last_at_), 1e-3), 0.0, 1.0) : 0;
  if (!before_.made) before = 0;
  if (!last_.made) before = 1;
  const double promised = before * before_.probability + (1 - before) * last_.probability;
  const double at = before * before_.margin + (1 - before) * last_.margin;
  frames_ += std::max(kFramesGain, 1 / (reports_ + 1)) * (finished - frames_);
  const double weight = std::min(finished / frames_, kMostWeight);
  const double off = static_cast<double>(in_time) / finished - promised;
  // Nothing is known of this link at first: large steps then.
  const double step = kOffsetStep + (kFirstOffsetStep - kOffsetStep) * std::exp(-reports_ / kFirstReports);
  ++reports_;
  debt_ = std::clamp(debt_ - finished * off, -kMostDebt * frames_, kMostDebt * frames_);
  offset_ =
      std::clamp(offset_ + step * weight * off - kDebtStep * debt_ / frames_, -kMostOffset, kMostOffset);
  slope_ = std::clamp(slope_ + kSlopeStep * weight * off * at, kLeastSlope, kMostSlope);
}

}  // namespace turbo
