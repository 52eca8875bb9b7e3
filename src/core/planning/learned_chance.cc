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
constexpr double kOffsetStep = 0.4, kFirstOffsetStep = 1, kFirstSteps = 10;
constexpr double kSlopeStep = 0.03;
constexpr double kFirstCaution = 0.3, kMostCaution = 0.8;  // of what a promise leaves to certainty
constexpr double kCautionStep = 0.01;
constexpr double kDebtStep = 0.02, kMostDebt = 20;  // of a usual step's frames
constexpr double kFramesGain = 0.01, kMostWeight = 3;
constexpr int kMostFrames = 100'000;  // of one report
constexpr Duration kStepTime = std::chrono::milliseconds(400);
constexpr Duration kFrameTime = std::chrono::milliseconds(100);  // from hand-over until its end is known
constexpr Duration kTryAfter = std::chrono::seconds(1), kMostTryAfter = std::chrono::seconds(2);

}  // namespace

LearnedChance::LearnedChance(std::optional<double> promise)
    : promise_(promise),
      offset_(kFirstOffset),
      slope_(kFirstSlope),
      movement_(kFirstMovement),
      caution_(promise ? kFirstCaution * (1 - *promise) : 0),
      try_after_(kTryAfter) {
  if (promise && !(*promise >= 0.5 && *promise <= 0.99))
    throw std::invalid_argument("promised probability of being in time: expected 0.5 to 0.99");
}

void LearnedChance::learn(Time now, const LinkReport& report) {
  hear(now, report);
  note_movement(now, report);
  last_at_ = now;
}

std::optional<double> LearnedChance::chance(double needed_mbps) const {
  return 1 / (1 + std::exp(-(offset_ + slope_ * margin(needed_mbps))));
}

std::optional<double> LearnedChance::promise(double needed_mbps) {
  sent_ = needed_mbps > 0;
  std::optional<StatedPromise> stated;
  if (sent_) stated = StatedPromise{*chance(needed_mbps), margin(needed_mbps), tries() ? 1.0 : 0.0};
  if (last_at_) stated_.state(*last_at_, stated);
  return sent_ ? std::optional(stated->probability) : std::nullopt;
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

void LearnedChance::hear(Time now, const LinkReport& report) {
  int finished = 0, in_time = 0;
  for (const ServiceReport& service : report.services) {
    if (service.all_in_time < 0 || service.all_in_time > service.all_finished ||
        service.all_finished > kMostFrames - finished)
      continue;
    finished += service.all_finished;
    in_time += service.all_in_time;
  }
  plan_tries(now, finished, in_time);
  // What ended since the last report was handed over a little earlier.
  const auto stated = stated_.between(last_at_.value_or(now) - kFrameTime, now - kFrameTime);
  if (!stated) return;
  if (promise_ && frames_ > 0 && stated->tries < 0.5) {
    const double missing = (*promise_ * finished - in_time) / frames_;
    caution_ = std::clamp(caution_ + kCautionStep * missing, 0.0, kMostCaution * (1 - *promise_));
  }
  heard_.finished = std::min(heard_.finished + finished, kMostFrames);
  heard_.in_time = std::min(heard_.in_time + in_time, heard_.finished);
  heard_.promised += finished * stated->probability;
  heard_.margin += finished * stated->margin;
  if (heard_.finished > 0 && (!stepped_at_ || now - *stepped_at_ >= kStepTime)) take_step(now);
}

void LearnedChance::take_step(Time now) {
  const double at = heard_.margin / heard_.finished,
               off = (heard_.in_time - heard_.promised) / heard_.finished;
  // A report of very many says no more than a few usual ones.
  const double finished =
      steps_ > 0 ? std::min(heard_.finished * 1.0, kMostWeight * frames_) : heard_.finished;
  heard_ = {};
  stepped_at_ = now;
  frames_ += std::max(kFramesGain, 1 / (steps_ + 1)) * (finished - frames_);
  const double weight = finished / frames_;
  // Nothing is known of this link at first: large steps then.
  const double step = kOffsetStep + (kFirstOffsetStep - kOffsetStep) * std::exp(-steps_ / kFirstSteps);
  ++steps_;
  debt_ = std::clamp(debt_ - finished * off, -kMostDebt * frames_, kMostDebt * frames_);
  offset_ =
      std::clamp(offset_ + step * weight * off - kDebtStep * debt_ / frames_, -kMostOffset, kMostOffset);
  slope_ = std::clamp(slope_ + kSlopeStep * weight * off * at, kLeastSlope, kMostSlope);
}

// A try lasts until frames are heard of, however long that takes under this SLO.
void LearnedChance::plan_tries(Time now, int finished, int in_time) {
  if (!promise_) return;
  if (tries_since_) {
    if (finished == 0) return;
    try_after_ = in_time >= *promise_ * finished ? kTryAfter : std::min(2 * try_after_, kMostTryAfter);
    tries_since_.reset();
    sent_at_ = now;
  } else if (!sent_at_ || sent_) {
    sent_at_ = now;
  } else if (now - *sent_at_ >= try_after_) {
    tries_since_ = now;
  }
}

}  // namespace turbo
