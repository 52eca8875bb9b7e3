#include "core/bandwidth/delivery_rate_estimator.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxInFlight = 8192;  // times of sending; later ones join the newest
constexpr std::size_t kMaxSlices = 512;
constexpr std::int64_t kPacketBytes = 1500;
constexpr double kMinRateBps = 1000;

constexpr Duration kSliceTime = milliseconds(5);
constexpr Duration kWindow = milliseconds(500);
constexpr double kLeastBusySeconds = 0.04;  // the window is longer when it holds less
constexpr double kLeastBytes = 15'000;

// What tells a queue from jitter.
constexpr Duration kLeastMargin = milliseconds(2);
constexpr Duration kMostMargin = milliseconds(20);
constexpr double kProofMargins = 1.5;    // reached by the queueing delay of a busy time, in which
constexpr double kProofSeconds = 0.008;  // the link was busy so long, or
constexpr double kProofBytes = 20'000;   // carried so much
constexpr Duration kStandstill = milliseconds(20);
constexpr Duration kDelayedAck = milliseconds(25);  // RFC 9000's default

// Samples limited by the sender.
constexpr Duration kRunTime = milliseconds(40);
constexpr std::int64_t kRunBytes = 8 * kPacketBytes;
constexpr std::int64_t kShortRunBytes = 3 * kPacketBytes;
constexpr Duration kRaiseAge =
    milliseconds(250);                  // without a link-limited measurement for so long they raise
constexpr double kLowerSeconds = 0.03;  // and busy time of so much lowers again

// The link has fallen when the last busy time was so much slower, with such a queue.
constexpr double kFallen = 0.3;
constexpr double kFallSeconds = 0.06;
constexpr Duration kFallQueue = milliseconds(20);

// The interval.
constexpr double kPieceSeconds = 0.02;
constexpr double kMostOff = 1.5;  // of a piece, as a logarithm
constexpr double kSpreadGain = 0.05;
constexpr double kMostSpread = 0.8;
constexpr double kUnmeasured = 2.5;  // a factor of twelve
constexpr double kFittedProbability = 0.8;

constexpr Duration kEpoch = std::chrono::seconds(15);  // of the smallest RTT

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
  const bool begins = app_limited_ || outstanding_bytes() == 0;
  if (begins) {
    end_run();
    train_begin_ = sent_offset_;
  }
  app_limited_ = false;
  sent_offset_ += bytes;
  if (!flight_.empty() && (flight_.full() || (flight_.back().at == now && !begins)))
    flight_.back() = {sent_offset_, now, flight_.back().begins_train};
  else
    flight_.push_back({sent_offset_, now, begins});
}

void DeliveryRateEstimator::on_app_limited(Time) { app_limited_ = true; }

void DeliveryRateEstimator::on_acked(Time now, std::int64_t bytes, Duration latest_rtt) {
  bytes = std::min(bytes, outstanding_bytes());
  if (bytes <= 0) return;
  const Left left = leave_flight(bytes);
  const Time last_sent = left.last_sent;
  const bool first_of_train = left_offset_ > train_begin_ && left_offset_ - bytes <= train_begin_;
  note_rtt(now, latest_rtt > Duration::zero() ? latest_rtt : now - last_sent);
  if (first_of_train && bytes > kPacketBytes)
    jitter_s_ += (std::max(0.0, seconds(now - last_sent - min_rtt())) - jitter_s_) / 8;
  if (last_acked_ == now && !slices_.empty() && slices_.back().busy && slices_.back().end == now)
    slices_.back().bytes += bytes;  // of one batch
  else if (const auto begin = busy_since(now, left, bytes)) {
    end_run();
    if (*begin < now) add_busy(*begin, now, bytes, now - last_sent - min_rtt());
  } else {
    add_free(now, bytes, left.first_sent, last_sent);
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

void DeliveryRateEstimator::on_path_changed(Time) {
  // As it was before nothing came back any more, which is perhaps why the path is given up.
  if (settings_.formula == Formula::kDeliveryRate) held_bps_ = windowed_rate(std::nullopt);
  flight_.clear();
  slices_.clear();
  left_offset_ = sent_offset_;
  app_limited_ = true;
  last_acked_.reset();
  measured_at_.reset();
  latest_rtt_ = epoch_min_rtt_ = last_epoch_min_rtt_ = {};
  unproven_ = 0;
  segment_ = {};
  raised_bps_ = 0;
  run_.reset();
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
  out.rate_bps = windowed_rate(open_slice(now));
  set_interval(out);
  return out;
}

// Both ends were fitted to simulated and recorded links, for four fifths. Upwards it is wider: a link is busy
// for longer when it is slow, and while the sender is the limit nothing tells how much faster it may have
// become.
void DeliveryRateEstimator::set_interval(LinkEstimate& out) const {
  double down = kUnmeasured, up = kUnmeasured;
  if (measured_at_) {
    const double age_s = seconds(out.age);
    down = 0.01 + 0.2 * spread_ * (1 + std::min(age_s, 2.0));
    up = 0.02 + 1.5 * spread_ * spread_ + 0.18 * std::log2(1 + age_s / 0.1);
  }
  const double widen =
      std::log(1 - std::clamp(settings_.probability, 0.0, 0.999)) / std::log(1 - kFittedProbability);
  out.low_bps = std::max(out.rate_bps * std::exp(-widen * down), kMinRateBps);
  out.high_bps = out.rate_bps * std::exp(widen * std::min(up, kUnmeasured));
}

// Of two trains that are acknowledged together only the later one counts as sent: when the last packet of the
// earlier one came through nobody knows, for its acknowledgement may have waited for company.
DeliveryRateEstimator::Left DeliveryRateEstimator::leave_flight(std::int64_t bytes) {
  left_offset_ += bytes;
  Left left{flight_.front().at, flight_.front().at, false};
  for (bool first = true; !flight_.empty(); first = false) {
    const Sent& sent = flight_.front();
    if (!first && sent.begins_train) left.first_sent = sent.at;
    left.last_sent = sent.at;
    if (sent.end_offset > left_offset_) return left;
    const bool done = sent.end_offset == left_offset_;
    flight_.pop_front();
    if (done) break;
  }
  left.ends_train = flight_.empty() || flight_.front().begins_train;
  return left;
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
std::optional<Time> DeliveryRateEstimator::busy_since(Time now, const Left& left, std::int64_t bytes) const {
  if (last_acked_ && left.first_sent + min_rtt() + margin() <= *last_acked_) {
    const bool late = bytes <= kPacketBytes && left.ends_train;
    if (!late) return *last_acked_;
    // The last packet of a train, alone, is acknowledged late: that says nothing, unless it comes much later
    // still.
    const Time latest_begin = *last_acked_ + kDelayedAck;
    return now - latest_begin > kStandstill ? latest_begin : now;
  }
  // Nothing ahead of them, and yet held up: the link stood still, or is slow. A packet alone may have been
  // acknowledged late; of several the last one is not.
  const Time begin =
      std::max(left.last_sent + min_rtt() + (bytes <= kPacketBytes ? kDelayedAck : Duration::zero()),
               last_acked_.value_or(Time{}));
  if (now - begin > std::max(margin(), kStandstill)) return begin;
  return std::nullopt;
}

void DeliveryRateEstimator::add_busy(Time begin, Time end, std::int64_t bytes, Duration queueing) {
  const bool follows = !slices_.empty() && slices_.back().busy && slices_.back().end == begin;
  if (!follows) {
    forget_unproven();
    segment_ = {.begin = begin};
  }
  if (follows && end - slices_.back().begin <= kSliceTime) {
    slices_.back().end = end;
    slices_.back().bytes += bytes;
  } else {
    add({begin, end, bytes, true});
    if (!segment_.proven) ++unproven_;
  }
  segment_.queueing = std::max(segment_.queueing, queueing);
  segment_.bytes += static_cast<double>(bytes);
  const bool long_enough = seconds(end - segment_.begin) >= kProofSeconds || segment_.bytes >= kProofBytes;
  if (!segment_.proven && (!long_enough || seconds(segment_.queueing) < kProofMargins * seconds(margin())))
    return;
  segment_.proven = true;
  unproven_ = 0;
  note_spread(end);
  busy_since_raise_s_ += seconds(end - begin);
  if (busy_since_raise_s_ >= kLowerSeconds) raised_bps_ = 0;
  measured_at_ = end;
  ++samples_;
  notice_fall();
}

// How far pieces of 20 ms of busy time lie from the estimate at the time.
void DeliveryRateEstimator::note_spread(Time end) {
  double bytes = 0, time_s = 0;
  for (std::size_t i = slices_.size(); i-- > 0 && slices_[i].begin >= spread_to_ && slices_[i].busy;) {
    bytes += static_cast<double>(slices_[i].bytes);
    time_s += slices_[i].time_s();
  }
  if (time_s < kPieceSeconds) return;
  spread_to_ = end;
  const double rate_bps = windowed_rate(std::nullopt);
  const double off = std::min(std::abs(std::log(bits_per_second(bytes, time_s) / rate_bps)), kMostOff);
  spread_ = std::min(spread_ + (off - spread_) * kSpreadGain, kMostSpread);
}

void DeliveryRateEstimator::forget_unproven() {
  for (; unproven_ > 0; --unproven_) slices_.pop_back();
}

void DeliveryRateEstimator::add_free(Time now, std::int64_t bytes, Time first_sent, Time last_sent) {
  forget_unproven();
  if (!run_) {
    run_ = Run{now, first_sent, now, last_sent};
    return;
  }
  run_->bytes += bytes;
  run_->last_acked = now;
  run_->last_sent = last_sent;
  if (run_->bytes < kRunBytes || now - run_->first_acked < kRunTime) return;
  end_run();
  run_ = Run{now, last_sent, now, last_sent};
}

void DeliveryRateEstimator::end_run() {
  if (!run_) return;
  const Run run = *run_;
  run_.reset();
  if (run.bytes < kShortRunBytes) return;
  const Duration took = std::max(run.last_acked - run.first_acked, run.last_sent - run.first_sent);
  add({run.last_acked - took, run.last_acked, run.bytes, false});
  if (measured_at_ && run.last_acked - *measured_at_ < kRaiseAge) return;
  // A shorter run says less: as much as if it had taken so long.
  const Duration over = std::max(took, kRunTime);
  raised_bps_ = std::max(raised_bps_, bits_per_second(static_cast<double>(run.bytes), seconds(over)));
  busy_since_raise_s_ = 0;
}

void DeliveryRateEstimator::add(const Slice& slice) {
  if (slices_.full()) slices_.pop_front();
  slices_.push_back(slice);
}

void DeliveryRateEstimator::notice_fall() {
  if (latest_rtt_ - min_rtt() < kFallQueue) return;
  double bytes = 0, time_s = 0;
  std::size_t first = slices_.size();
  while (first > 0 && (time_s < kFallSeconds || bytes < kLeastBytes / 2)) {
    if (!slices_[--first].busy) continue;
    bytes += static_cast<double>(slices_[first].bytes);
    time_s += slices_[first].time_s();
  }
  const double recent_bps = bits_per_second(bytes, time_s);
  if (first == 0 || recent_bps >= kFallen * windowed_rate(std::nullopt)) return;
  held_bps_ = recent_bps;
  raised_bps_ = 0;
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
  return Slice{begin, now, 0, true};
}

double DeliveryRateEstimator::windowed_rate(const std::optional<Slice>& open) const {
  const std::size_t proven = slices_.size() - unproven_;
  if (proven == 0 && !open) return held_bps_;
  const Time from = (open ? open->end : slices_[proven - 1].end) - kWindow;
  double bytes = 0, time_s = 0;
  // All of a slice while there is too little, then only what is inside the window.
  const auto add_part = [&](const Slice& slice) {
    const bool enough = time_s >= (bytes >= kLeastBytes ? kLeastBusySeconds : seconds(kWindow));
    const double part_s =
        enough && slice.begin < from ? std::max(0.0, seconds(slice.end - from)) : slice.time_s();
    if (slice.time_s() > 0) bytes += static_cast<double>(slice.bytes) * part_s / slice.time_s();
    time_s += part_s;
    return part_s > 0;
  };
  if (open) add_part(*open);
  for (std::size_t i = proven; i-- > 0;)
    if (slices_[i].busy && !add_part(slices_[i])) break;
  const bool enough = time_s >= kLeastBusySeconds;
  if (!enough) {  // the rest as it was believed before
    bytes += (kLeastBusySeconds - time_s) * held_bps_ / 8;
    time_s = kLeastBusySeconds;
  }
  const double busy_bps = bits_per_second(bytes, time_s);
  double best_bound = 0;
  for (std::size_t i = proven; i-- > 0 && slices_[i].end > from;) {
    if (slices_[i].busy) continue;
    const double bound_bps = bits_per_second(static_cast<double>(slices_[i].bytes), slices_[i].time_s());
    if (slices_[i].end - slices_[i].begin >= kRunTime) best_bound = std::max(best_bound, bound_bps);
    if (!enough || bound_bps <= busy_bps) continue;
    bytes += static_cast<double>(slices_[i].bytes);
    time_s += slices_[i].time_s();
  }
  const double rate_bps = std::max(bits_per_second(bytes, time_s), enough ? 0 : best_bound);
  return open ? rate_bps : std::max(rate_bps, raised_bps_);
}

}  // namespace turbo
