#include "core/bandwidth/delivery_rate_estimator.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxInFlight = 8192;  // times of sending; later ones join the newest
constexpr std::size_t kMaxSlices = 512;
constexpr std::int64_t kPacketBytes = 1500;
constexpr Duration kSliceTime = milliseconds(5);
constexpr Duration kWindow = milliseconds(500);
constexpr double kLeastBusySeconds = 0.04;  // the window is longer when it holds less
constexpr double kLeastBytes = 10.0 * kPacketBytes;
constexpr Duration kDelayedAck = milliseconds(25);  // RFC 9000's default
constexpr Duration kLeastMargin = milliseconds(2);
constexpr Duration kMostMargin = milliseconds(20);
constexpr Duration kEpoch = std::chrono::seconds(15);  // of the smallest RTT
constexpr Duration kRunTime = milliseconds(40);
constexpr std::int64_t kRunBytes = 8 * kPacketBytes;
constexpr double kConfirms = 0.9;
constexpr double kFallen = 0.6;
constexpr double kFallSeconds = 0.06;
constexpr Duration kFallQueue = milliseconds(20);
constexpr double kMinRateBps = 1000;

double bits_per_second(double bytes, double time_s) {
  return std::max(kMinRateBps, 8 * bytes / std::max(time_s, 1e-6));
}

}  // namespace

DeliveryRateEstimator::DeliveryRateEstimator(const Settings& settings)
    : settings_(settings),
      flight_(kMaxInFlight),
      slices_(kMaxSlices),
      held_bps_(std::isfinite(settings.initial_bps) ? std::max(settings.initial_bps, kMinRateBps)
                                                    : kMinRateBps) {}

void DeliveryRateEstimator::on_sent(Time now, std::int64_t bytes) {
  if (bytes <= 0) return;
  if (app_limited_ || outstanding_bytes() == 0) run_.reset();
  app_limited_ = false;
  sent_offset_ += bytes;
  if (!flight_.empty() && (flight_.back().at == now || flight_.full()))
    flight_.back() = {sent_offset_, now};
  else
    flight_.push_back({sent_offset_, now});
}

void DeliveryRateEstimator::on_app_limited(Time) { app_limited_ = true; }

void DeliveryRateEstimator::on_acked(Time now, std::int64_t bytes, Duration latest_rtt) {
  bytes = std::min(bytes, outstanding_bytes());
  if (bytes <= 0) return;
  const Time first_sent = flight_.front().at;
  const Time last_sent = leave_flight(bytes).at;
  note_rtt(now, latest_rtt > Duration::zero() ? latest_rtt : now - last_sent);
  if (const auto begin = busy_since(now, first_sent, bytes)) {
    run_.reset();
    if (*begin < now) add_busy(*begin, now, bytes, now - last_sent - min_rtt());
  } else {
    add_free(now, bytes, first_sent, last_sent);
  }
  last_acked_ = now;
}

void DeliveryRateEstimator::on_lost(Time, std::int64_t bytes) {
  bytes = std::min(bytes, outstanding_bytes());
  if (bytes > 0) leave_flight(bytes);
}

void DeliveryRateEstimator::on_window(Time, std::int64_t window_bytes, Duration smoothed_rtt) {
  if (window_bytes > 0 && smoothed_rtt > Duration::zero())
    window_bps_ = bits_per_second(static_cast<double>(window_bytes), seconds(smoothed_rtt));
}

void DeliveryRateEstimator::on_path_changed(Time now) {
  held_bps_ = report(now).rate_bps;
  flight_.clear();
  slices_.clear();
  left_offset_ = sent_offset_;
  app_limited_ = true;
  last_acked_.reset();
  measured_at_.reset();
  latest_rtt_ = epoch_min_rtt_ = last_epoch_min_rtt_ = {};
  unproven_ = 0;
  run_.reset();
  raised_bps_.reset();
  window_bps_ = 0;
}

LinkEstimate DeliveryRateEstimator::report(Time now) const {
  LinkEstimate out{.age = measured_at_ ? now - *measured_at_ : Duration::max(), .samples = samples_};
  out.app_limited = out.age > kWindow;
  out.min_rtt = min_rtt();
  out.queueing_delay = std::max(latest_rtt_ - out.min_rtt, Duration::zero());
  if (settings_.formula == Formula::kWindowOverRtt) {
    out.rate_bps = out.low_bps = out.high_bps = window_bps_ > 0 ? window_bps_ : held_bps_;
    return out;
  }
  const Sum sum = sum_window(now, open_slice(now));
  out.rate_bps = rate_of(sum);
  out.low_bps = out.rate_bps * 0.8;
  out.high_bps = out.rate_bps * 1.25;
  return out;
}

DeliveryRateEstimator::Sent DeliveryRateEstimator::leave_flight(std::int64_t bytes) {
  left_offset_ += bytes;
  Sent last = flight_.front();
  while (!flight_.empty()) {
    last = flight_.front();
    if (last.end_offset > left_offset_) break;
    flight_.pop_front();
    if (last.end_offset == left_offset_) break;
  }
  return last;
}

void DeliveryRateEstimator::note_rtt(Time now, Duration rtt) {
  latest_rtt_ = std::max(rtt, Duration(1));
  if (epoch_min_rtt_ == Duration::zero() || now - epoch_begin_ >= kEpoch) {
    last_epoch_min_rtt_ = epoch_min_rtt_;
    epoch_min_rtt_ = latest_rtt_;
    epoch_begin_ = now;
  }
  epoch_min_rtt_ = std::min(epoch_min_rtt_, latest_rtt_);
}

// Since when the link was busy with these bytes, or none if they found its queue empty (nearly).
std::optional<Time> DeliveryRateEstimator::busy_since(Time now, Time first_sent, std::int64_t bytes) const {
  const bool lone = bytes <= kPacketBytes;
  const Time at_queue = first_sent + min_rtt();  // as seen from here: plus the way of the acknowledgement
  if (last_acked_ && at_queue + margin() <= *last_acked_) {
    // The last packet alone may be acknowledged late.
    if (lone && outstanding_bytes() == 0) return std::min(*last_acked_ + kDelayedAck, now);
    return *last_acked_;
  }
  // Nothing ahead of them, and yet held up for long: the link stood still, or is very slow.
  const Duration held = now - at_queue - (lone ? kDelayedAck : Duration::zero());
  if (held > std::max(2 * margin(), kLeastMargin * 10)) return now - held;
  return std::nullopt;
}

void DeliveryRateEstimator::add_busy(Time begin, Time end, std::int64_t bytes, Duration queueing) {
  const bool follows = !slices_.empty() && slices_.back().end == begin;
  if (!follows) {  // what went before was never proven
    unproven_ = 0;
  }
  (void)queueing;
  if (follows && end - slices_.back().begin <= kSliceTime) {
    slices_.back().end = end;
    slices_.back().bytes += bytes;
  } else {
    if (slices_.full()) slices_.pop_front();
    slices_.push_back({begin, end, bytes});
  }
  raised_bps_.reset();
  measured_at_ = end;
  ++samples_;
  notice_fall();
}

void DeliveryRateEstimator::add_free(Time now, std::int64_t bytes, Time first_sent, Time last_sent) {
  if (!run_) {
    run_ = Run{now, now, first_sent, last_sent};
    const double excess_s = std::max(0.0, seconds(now - first_sent - min_rtt()));
    if (bytes > kPacketBytes) jitter_s_ += (excess_s - jitter_s_) / 8;
    return;
  }
  run_->bytes += bytes;
  run_->last_acked = now;
  run_->last_sent = last_sent;
  const Duration took = std::max(now - run_->first_acked, last_sent - run_->first_sent);
  if (run_->bytes < kRunBytes || took < kRunTime) return;
  const double bound_bps = bits_per_second(static_cast<double>(run_->bytes), seconds(took));
  const double estimate_bps = rate_of(sum_window(now, std::nullopt));
  if (bound_bps > estimate_bps) raised_bps_ = bound_bps;
  if (bound_bps > kConfirms * estimate_bps) measured_at_ = now;
  run_ = Run{now, now, last_sent, last_sent};
}

void DeliveryRateEstimator::notice_fall() {
  double bytes = 0, time_s = 0;
  std::size_t first = slices_.size();
  while (first > 0 && (time_s < kFallSeconds || bytes < kLeastBytes / 2)) {
    --first;
    bytes += static_cast<double>(slices_[first].bytes);
    time_s += seconds(slices_[first].end - slices_[first].begin);
  }
  if (first == 0 || latest_rtt_ - min_rtt() < kFallQueue) return;
  if (bits_per_second(bytes, time_s) >= kFallen * rate_of(sum_window(slices_.back().end, std::nullopt)))
    return;
  for (; first > 0; --first) slices_.pop_front();
}

Duration DeliveryRateEstimator::min_rtt() const {
  return last_epoch_min_rtt_ > Duration::zero() ? std::min(epoch_min_rtt_, last_epoch_min_rtt_)
                                                : epoch_min_rtt_;
}

Duration DeliveryRateEstimator::margin() const {
  return std::clamp(from_seconds(2 * jitter_s_), kLeastMargin, kMostMargin);
}

// While bytes that should have been acknowledged by now are not.
std::optional<DeliveryRateEstimator::Slice> DeliveryRateEstimator::open_slice(Time now) const {
  if (flight_.empty() || min_rtt() == Duration::zero()) return std::nullopt;
  Time begin = flight_.front().at + min_rtt();
  if (last_acked_) begin = std::max(begin, *last_acked_);
  if (now - begin <= kDelayedAck + 2 * margin()) return std::nullopt;
  return Slice{begin, now, 0};
}

DeliveryRateEstimator::Sum DeliveryRateEstimator::sum_window(Time end,
                                                             const std::optional<Slice>& open) const {
  Sum sum;
  const Time from = end - kWindow;
  const auto add = [&](const Slice& slice) {
    const double whole_s = seconds(slice.end - slice.begin);
    double part_s = whole_s;
    if (slice.begin < from && (sum.time_s >= kLeastBusySeconds && sum.bytes >= kLeastBytes))
      part_s = std::max(0.0, seconds(slice.end - from));
    sum.time_s += part_s;
    sum.bytes += whole_s > 0 ? static_cast<double>(slice.bytes) * part_s / whole_s : 0;
    ++sum.parts;
    return part_s > 0;
  };
  if (open) add(*open);
  for (std::size_t i = slices_.size(); i-- > 0;)
    if (!add(slices_[i])) break;
  return sum;
}

double DeliveryRateEstimator::rate_of(const Sum& sum) const {
  const double measured_bps = sum.time_s > 0 ? bits_per_second(sum.bytes, sum.time_s) : held_bps_;
  return raised_bps_ ? std::max(*raised_bps_, measured_bps) : measured_bps;
}

}  // namespace turbo
