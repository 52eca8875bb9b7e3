#include "core/planning/learned_chance.h"

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
constexpr double kFirstOffset = -1.5, kMostOffset = 6;
constexpr double kFirstSlope = 0.8, kLeastSlope = 0.5, kMostSlope = 3;
constexpr double kOffsetStep = 0.4, kFirstOffsetStep = 1, kFirstReports = 10;
constexpr double kSlopeStep = 0.03;
constexpr double kDebtStep = 0.02, kMostDebt = 20;  // of a usual report's frames
constexpr double kFramesGain = 0.01, kMostWeight = 3;
constexpr int kMostFrames = 100'000;                             // of one report
constexpr Duration kFrameTime = std::chrono::milliseconds(100);  // from hand-over until its end is known
constexpr Duration kTryAfter = std::chrono::seconds(1);

}  // namespace

LearnedChance::LearnedChance(double promise)
    : promise_(promise), offset_(kFirstOffset), slope_(kFirstSlope), movement_(kFirstMovement) {
  if (promise != 0 && !(promise >= 0.5 && promise <= 0.99))
    throw std::invalid_argument("promised probability of being in time: expected 0.5 to 0.99");
}

void LearnedChance::learn(Time now, const LinkReport& report) {
  learn_from_frames(now, report);
  note_movement(now, report);
  last_at_ = now;
  if (!sent_at_ || last_.made) sent_at_ = now;
  tries_ = promise_ > 0 && now - *sent_at_ >= kTryAfter;
  before_ = last_;
  last_ = {};
}

double LearnedChance::chance(double needed_mbps) const {
  return 1 / (1 + std::exp(-(offset_ + slope_ * margin(needed_mbps))));
}

std::optional<double> LearnedChance::promise(double needed_mbps) {
  if (!(needed_mbps > 0)) return std::nullopt;  // nothing is sent
  last_ = {.probability = chance(needed_mbps), .margin = margin(needed_mbps), .made = true};
  return last_.probability;
}

// Only the interval's lower half counts: what matters is how much less there may be.
void LearnedChance::note_movement(Time now, const LinkReport& report) {
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

double LearnedChance::margin(double needed_mbps) const {
  const double below = std::log(std::max(rate_mbps_, 1e-9) / needed_mbps);
  return std::clamp(below / spread_, -kMostMargin, kMostMargin);
}

void LearnedChance::learn_from_frames(Time now, const LinkReport& report) {
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
