#include "core/bandwidth/bandwidth_estimator.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace turbo {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kPartBytes = 8 * 1200;       // a shorter part says too little
constexpr std::int64_t kShortPartBytes = 4 * 1200;  // but may still raise the estimate
constexpr Duration kPartTime = milliseconds(40);    // a long train gives one sample each
constexpr Duration kResolution = milliseconds(1);   // of acknowledgement times
constexpr double kClearlyLonger = 1.1;
constexpr Duration kClearlyLater = milliseconds(2);
constexpr double kTried = 0.9;  // of the estimate: sending so fast puts it to the test
constexpr Duration kWindow = std::chrono::seconds(1);
constexpr Duration kLongWindow = std::chrono::seconds(5);  // when the last second has too few samples
constexpr std::size_t kFewSamples = 3;
constexpr double kWellBelow = 0.85;
constexpr Duration kStallTime = milliseconds(300);
constexpr std::size_t kMaxInFlight = 8192;
constexpr std::size_t kMaxSamples = 256;
constexpr double kMinRateBps = 1000;

double rate_over(std::int64_t bytes, Duration time) {
  return static_cast<double>(bytes) * 8 / seconds(std::max(time, kResolution));
}

}  // namespace

BandwidthEstimator::BandwidthEstimator(double initial_bps)
    : estimate_bps_(std::isfinite(initial_bps) ? std::max(initial_bps, kMinRateBps) : kMinRateBps) {}

void BandwidthEstimator::on_sent(Time now, std::int64_t bytes) {
  if (bytes <= 0) return;
  if (app_limited_ || outstanding_bytes() == 0) ++train_;
  if (outstanding_bytes() == 0) last_progress_ = now;
  app_limited_ = false;
  sent_offset_ += bytes;
  const bool joins = !in_flight_.empty() && in_flight_.back().train == train_ &&
                     (in_flight_.back().at == now || in_flight_.size() >= kMaxInFlight);
  if (!joins && in_flight_.size() >= kMaxInFlight) in_flight_.pop_front();
  if (joins)
    in_flight_.back() = {sent_offset_, now, train_};
  else
    in_flight_.push_back({sent_offset_, now, train_});
}

void BandwidthEstimator::on_app_limited(Time now) {
  app_limited_ = true;
  if (outstanding_bytes() == 0) close_part(now);
}

void BandwidthEstimator::on_acked(Time now, std::int64_t bytes, Duration rtt) {
  if (rtt > Duration::zero()) rtt_ = rtt;
  bytes = std::min(bytes, outstanding_bytes());
  if (bytes <= 0) return;
  const Sent sent = advance(bytes);
  last_progress_ = now;
  measure(now, {acked_offset_, now, sent.at}, sent.train);
  if (outstanding_bytes() == 0) close_part(now);
}

void BandwidthEstimator::on_abandoned(Time now, std::int64_t bytes) {
  close_part(now);
  bytes = std::min(bytes, outstanding_bytes());
  if (bytes > 0) advance(bytes);
  ++train_;
}

void BandwidthEstimator::on_connection_lost(Time) {
  in_flight_.clear();
  part_.reset();
  acked_offset_ = sent_offset_;
  app_limited_ = true;
}

BandwidthReport BandwidthEstimator::report(Time now) const {
  BandwidthReport report{.rate_bps = estimate_bps_, .age = Duration::max(), .samples = sample_count_};
  if (last_conclusive_) report.age = now - *last_conclusive_;
  report.app_limited = report.age > kWindow;
  // Nothing comes back any more although a whole part is under way: the link cannot carry more than that part
  // in the time waited for it, even if the next acknowledgement arrived now.
  if (last_progress_ && outstanding_bytes() >= kPartBytes) {
    const Duration stalled = now - *last_progress_ - rtt_;
    if (stalled > std::max(kStallTime, 3 * rtt_))
      report.rate_bps =
          std::max(kMinRateBps, std::min(estimate_bps_, rate_over(outstanding_bytes(), stalled)));
  }
  return report;
}

// Moves past the acknowledged bytes; returns the sending that the last of them belonged to.
BandwidthEstimator::Sent BandwidthEstimator::advance(std::int64_t bytes) {
  acked_offset_ += bytes;
  Sent last{acked_offset_, Time{}, train_};
  while (!in_flight_.empty()) {
    last = in_flight_.front();
    if (last.end_offset > acked_offset_) break;
    in_flight_.pop_front();
    if (last.end_offset == acked_offset_) break;
  }
  return last;
}

void BandwidthEstimator::measure(Time now, const Point& point, std::uint64_t train) {
  if (!part_ || part_->train != train) {
    close_part(now);
    part_ = Part{train, point, point, point};
    return;
  }
  if (point.at == part_->first.at) {
    part_->first = part_->before_last = part_->last = point;
    return;
  }
  if (point.at != part_->last.at) part_->before_last = part_->last;
  part_->last = point;
  if (point.at - part_->first.at >= kPartTime && point.offset - part_->first.offset >= kPartBytes) {
    close_part(now);
    part_ = Part{train, point, point, point};
  }
}

void BandwidthEstimator::close_part(Time now) {
  if (!part_) return;
  const Part part = *part_;
  part_.reset();
  double best_bps = 0;
  bool conclusive = false;
  // The last acknowledgement of a train may be a delayed one (25 ms by RFC 9000): then the one before it says
  // more.
  for (const Point& end : {part.last, part.before_last}) {
    const std::int64_t bytes = end.offset - part.first.offset;
    const Duration acking = end.at - part.first.at;
    const Duration sending = end.sent_at - part.first.sent_at;
    if (bytes < kShortPartBytes || (bytes < kPartBytes && acking < 2 * kResolution)) continue;
    const double rate_bps = rate_over(bytes, std::max(acking, sending));
    if (rate_bps <= best_bps) continue;
    best_bps = rate_bps;
    const bool link_was_slower =
        seconds(acking) >= kClearlyLonger * seconds(sending) && acking - sending >= kClearlyLater;
    const bool estimate_was_tried = rate_over(bytes, sending) >= kTried * estimate_bps_;
    conclusive = bytes >= kPartBytes && (link_was_slower || estimate_was_tried);
  }
  if (best_bps > 0) add_sample(now, best_bps, conclusive);
}

void BandwidthEstimator::add_sample(Time now, double rate_bps, bool conclusive) {
  ++sample_count_;
  samples_.push_back({now, rate_bps, conclusive});
  while (samples_.size() > kMaxSamples || now - samples_.front().at > kLongWindow) samples_.pop_front();
  if (!conclusive) {
    estimate_bps_ = std::max(estimate_bps_, windowed_rate());
    return;
  }
  const bool first = !last_conclusive_;
  last_conclusive_ = now;
  if (first)
    estimate_bps_ = rate_bps;  // the initial value was only a guess
  else if (!fall_back())
    estimate_bps_ = windowed_rate();
}

double BandwidthEstimator::windowed_rate() const {
  const Time newest = samples_.back().at;
  std::vector<double> measured, bounds;
  for (auto sample = samples_.rbegin(); sample != samples_.rend(); ++sample) {
    if (newest - sample->at > kWindow && (measured.size() >= kFewSamples || !sample->conclusive)) continue;
    (sample->conclusive ? measured : bounds).push_back(sample->rate_bps);
  }
  std::sort(measured.begin(), measured.end(), std::greater<>());
  std::sort(bounds.begin(), bounds.end(), std::greater<>());
  double rate_bps = kMinRateBps;
  if (!measured.empty()) rate_bps = std::max(rate_bps, measured[measured.size() / 4]);
  // One bound alone may be an accident; two are believed.
  if (bounds.size() >= 2 || (measured.empty() && !bounds.empty()))
    rate_bps = std::max(rate_bps, bounds[bounds.size() >= 2 ? 1 : 0]);
  return rate_bps;
}

// Three conclusive samples in a row well below the estimate: the link became slower, what was before is
// forgotten.
bool BandwidthEstimator::fall_back() {
  if (samples_.size() < kFewSamples) return false;
  double largest = 0;
  for (std::size_t i = samples_.size() - kFewSamples; i < samples_.size(); ++i) {
    if (!samples_[i].conclusive || samples_[i].rate_bps > kWellBelow * estimate_bps_) return false;
    largest = std::max(largest, samples_[i].rate_bps);
  }
  samples_.erase(samples_.begin(), samples_.end() - static_cast<std::ptrdiff_t>(kFewSamples));
  estimate_bps_ = std::max(largest, kMinRateBps);
  return true;
}

}  // namespace turbo
