#include "lab/simulate/bbr.h"

#include <algorithm>

namespace turbo::simulate {
namespace {

using std::chrono::milliseconds;
constexpr double kStartupGain = 2.77, kDrainGain = 0.35, kDownGain = 0.9, kUpGain = 1.25;
constexpr double kCwndGain = 2, kUpCwndGain = 2.25, kProbeRttCwndGain = 0.5;
constexpr double kGrowth = 1.25;  // a round that brought less did not grow
constexpr int kRoundsWithoutGrowth = 3;
constexpr double kHeadroom = 0.15;
constexpr int kStartupLossEvents = 6;
constexpr double kPacingMargin = 0.99;
constexpr Duration kQuantumTime = milliseconds(1);
constexpr std::int64_t kMaxQuantum = 64 * 1024, kInitialPackets = 10;
constexpr std::int64_t kExtraAckedRounds = 10;

}  // namespace

Bbr::Bbr(Time now, std::int64_t packet_bytes, std::uint64_t seed, DeliveryRate& rate)
    : packet_bytes_(packet_bytes),
      rate_(rate),
      dice_(seed),
      initial_cwnd_(kInitialPackets * packet_bytes),
      cwnd_(initial_cwnd_),
      quantum_(initial_cwnd_),
      cycle_began_(now),
      min_rtt_at_(now),
      probe_min_rtt_at_(now),
      aggregation_began_(now) {
  enter(State::kStartup);
  pacing_ = kStartupGain * static_cast<double>(initial_cwnd_) / 1e-3;  // until the first RTT is known
  start_round();
}

void Bbr::enter(State state) {
  state_ = state;
  cwnd_gain_ = state == State::kUp ? kUpCwndGain : state == State::kProbeRtt ? kProbeRttCwndGain : kCwndGain;
  switch (state) {
    case State::kStartup:
      pacing_gain_ = kStartupGain;
      break;
    case State::kDrain:
      pacing_gain_ = kDrainGain;
      break;
    case State::kDown:
      pacing_gain_ = kDownGain;
      break;
    case State::kUp:
      pacing_gain_ = kUpGain;
      break;
    default:
      pacing_gain_ = 1;
  }
}

void Bbr::on_lost(Time now, std::int64_t bytes, Time sent_at, const SendStamp& stamp) {
  if (!in_recovery_ && sent_at > recovery_began_) loss_event_ = true;
  if (state_ == State::kStartup) return;
  if (!loss_in_round_) loss_round_ends_at_ = rate_.delivered();
  loss_in_round_ = true;
  const std::int64_t lost = rate_.lost() - stamp.lost;
  if (!probe_samples_ || !too_much_lost(lost, stamp.in_flight)) return;
  // How much was in flight when the losses went over the threshold, somewhere within this packet.
  const auto before = static_cast<double>(stamp.in_flight - bytes),
             lost_before = static_cast<double>(lost - bytes);
  const double prefix = std::max(0.0, (kLossThreshold * before - lost_before) / (1 - kLossThreshold));
  on_inflight_too_high(now, static_cast<std::int64_t>(before + prefix), stamp.app_limited);
}

void Bbr::on_acked(Time now, const RateSample& sample, std::int64_t in_flight) {
  update_recovery(now, sample, in_flight);
  bw_latest_ = std::max(bw_latest_, sample.bytes_per_s);
  inflight_latest_ = std::max(inflight_latest_, sample.delivered);
  const bool loss_round_start = sample.newest.delivered >= loss_round_ends_at_;
  if (loss_round_start) loss_round_ends_at_ = rate_.delivered();
  update_round(sample);
  update_max_bandwidth(sample);
  if (sample.newly_lost > 0) ++loss_events_in_round_;
  if (loss_round_start) update_lower_bounds();
  update_aggregation(now, sample);
  check_pipe_full(sample);
  if (state_ == State::kDrain && in_flight <= inflight_target(1)) start_down(now);
  update_cycle(now, sample, in_flight);
  update_min_rtt(now, sample);
  probe_rtt(now, in_flight);
  if (loss_round_start) {
    bw_latest_ = sample.bytes_per_s;
    inflight_latest_ = sample.delivered;
  }
  bw_ = std::min(max_bw_, bw_lo_);
  set_pacing(pacing_gain_);
  quantum_ = std::clamp(static_cast<std::int64_t>(pacing_ * seconds(kQuantumTime)), 2 * packet_bytes_,
                        std::max(kMaxQuantum, 2 * packet_bytes_));
  set_cwnd(sample);
}

void Bbr::on_persistent_congestion(std::int64_t in_flight) {
  save_cwnd();
  loss_event_ = in_recovery_ = false;
  cwnd_ = std::max(in_flight + packet_bytes_, min_cwnd());
}

void Bbr::update_recovery(Time now, const RateSample& sample, std::int64_t in_flight) {
  if (in_recovery_) {
    if (sample.newly_acked == 0 || sample.newest_sent_at <= recovery_began_) return;
    in_recovery_ = false;
    cwnd_ = std::max(cwnd_, prior_cwnd_);
  } else if (loss_event_) {
    save_cwnd();
    in_recovery_ = true;
    recovery_round_ = round_start_ ? round_ : round_ + 1;
    recovery_began_ = now;
    cwnd_ = in_flight + std::max(sample.newly_acked, packet_bytes_);
  }
  loss_event_ = false;
}

void Bbr::update_round(const RateSample& sample) {
  round_start_ = sample.newly_acked > 0 && sample.newest.delivered >= round_ends_at_;
  if (!round_start_) return;
  start_round();
  ++round_;
  ++rounds_since_probe_;
  loss_events_in_round_ = 0;
  cwnd_limited_ = false;
}

void Bbr::update_max_bandwidth(const RateSample& sample) {
  if (sample.bytes_per_s < max_bw_ && sample.newest.app_limited) return;
  cycle_bw_[2] = std::max(cycle_bw_[2], sample.bytes_per_s);
  max_bw_ = std::max({cycle_bw_[0], cycle_bw_[1], cycle_bw_[2]});
}

void Bbr::update_lower_bounds() {
  const bool probing = state_ == State::kStartup || state_ == State::kRefill || state_ == State::kUp;
  if (loss_in_round_ && !probing) {
    bw_lo_ = std::max(bw_latest_, kBeta * std::min(bw_lo_, max_bw_));
    inflight_lo_ = std::max(inflight_latest_, scaled(std::min(inflight_lo_, cwnd_), kBeta));
  }
  loss_in_round_ = false;
}

void Bbr::update_aggregation(Time now, const RateSample& sample) {
  auto expected = static_cast<std::int64_t>(bw_ * seconds(now - aggregation_began_));
  if (aggregated_ <= expected) {
    aggregated_ = expected = 0;
    aggregation_began_ = now;
  }
  aggregated_ += sample.newly_acked;
  const std::int64_t window = pipe_filled_ ? kExtraAckedRounds : 1;
  if (round_ - extra_rounds_began_ >= window) {
    extra_acked_[0] = extra_acked_[1];
    extra_acked_[1] = 0;
    extra_rounds_began_ = round_;
  }
  extra_acked_[1] = std::max(extra_acked_[1], std::min(aggregated_ - expected, cwnd_));
}

void Bbr::check_pipe_full(const RateSample& sample) {
  if (!full_bw_now_ && !sample.newest.app_limited) {
    if (sample.bytes_per_s >= kGrowth * full_bw_) {
      full_bw_ = sample.bytes_per_s;
      full_bw_rounds_ = 0;
    } else if (round_start_) {
      full_bw_now_ = ++full_bw_rounds_ >= kRoundsWithoutGrowth;
      pipe_filled_ |= full_bw_now_;
    }
  }
  const bool recovered = !in_recovery_ || round_ > recovery_round_;
  if (!pipe_filled_ && loss_events_in_round_ > kStartupLossEvents && recovered &&
      too_much_lost(sample.lost, sample.newest.in_flight)) {
    pipe_filled_ = true;
    inflight_hi_ = std::max(bdp(cwnd_gain_), inflight_latest_);
  }
  if (state_ == State::kStartup && pipe_filled_) enter(State::kDrain);
}

void Bbr::set_pacing(double gain) {
  if (bw_ <= 0) return;
  const double rate = gain * bw_ * kPacingMargin;
  if (pipe_filled_ || rate > pacing_) pacing_ = rate;
}

void Bbr::set_cwnd(const RateSample& sample) {
  const std::int64_t extra = std::max(extra_acked_[0], extra_acked_[1]);
  std::int64_t most = std::max({bdp(cwnd_gain_) + extra, 3 * quantum_, min_cwnd()});
  if (state_ == State::kUp) most += 2 * packet_bytes_;
  if (pipe_filled_)
    cwnd_ = std::min(cwnd_ + sample.newly_acked, most);
  else if (cwnd_ < most || rate_.delivered() < initial_cwnd_)
    cwnd_ += sample.newly_acked;
  cwnd_ = std::max(cwnd_, min_cwnd());
  if (state_ == State::kProbeRtt) cwnd_ = std::min(cwnd_, probe_rtt_cwnd());
  std::int64_t cap = kUnbounded;
  if (state_ == State::kProbeRtt || state_ == State::kCruise)
    cap = with_headroom();
  else if (probing_bandwidth())
    cap = inflight_hi_;
  cwnd_ = std::min(cwnd_, std::max(std::min(cap, inflight_lo_), min_cwnd()));
}

std::int64_t Bbr::bdp(double gain) const {
  if (min_rtt_ == Duration::max()) return initial_cwnd_;
  return static_cast<std::int64_t>(gain * bw_ * seconds(min_rtt_));
}

std::int64_t Bbr::inflight_target(double gain) const {
  return std::max({bdp(gain), 3 * quantum_, min_cwnd()}) + (state_ == State::kUp ? 2 * packet_bytes_ : 0);
}

std::int64_t Bbr::with_headroom() const {
  if (inflight_hi_ == kUnbounded) return kUnbounded;
  return std::max(inflight_hi_ - std::max(packet_bytes_, scaled(inflight_hi_, kHeadroom)), min_cwnd());
}

std::int64_t Bbr::probe_rtt_cwnd() const { return std::max(bdp(kProbeRttCwndGain), min_cwnd()); }

void Bbr::save_cwnd() {
  const bool keeps = in_recovery_ || state_ == State::kProbeRtt;
  prior_cwnd_ = keeps ? std::max(prior_cwnd_, cwnd_) : cwnd_;
}

}  // namespace turbo::simulate
