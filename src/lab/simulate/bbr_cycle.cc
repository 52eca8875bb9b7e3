// How the model is put to the test: the cycle that probes for bandwidth, and the probing of the RTT.

#include <algorithm>

#include "lab/simulate/bbr.h"

namespace turbo::simulate {
namespace {

constexpr Duration kProbeRttInterval = std::chrono::seconds(5);
constexpr Duration kProbeRttTime = std::chrono::milliseconds(200);
constexpr Duration kMinRttWindow = std::chrono::seconds(10);
constexpr std::int64_t kMaxRoundsBetweenProbes = 63;

}  // namespace

void Bbr::update_cycle(Time now, const RateSample& sample, std::int64_t in_flight) {
  if (!pipe_filled_) return;
  update_upper_bound(now, sample);
  const std::int64_t target_packets = std::min(bdp(cwnd_gain_), cwnd_) / packet_bytes_;
  const bool time_to_probe = now > cycle_began_ + probe_wait_ ||
                             rounds_since_probe_ >= std::min(target_packets, kMaxRoundsBetweenProbes);
  switch (state_) {
    case State::kDown:
      if (time_to_probe)
        start_refill();
      else if (in_flight <= with_headroom() && in_flight <= inflight_target(1))
        enter(State::kCruise);
      break;
    case State::kCruise:
      if (time_to_probe) start_refill();
      break;
    case State::kRefill:
      if (round_start_) start_up(sample);
      break;
    case State::kUp:
      if (cwnd_limited_ && cwnd_ >= inflight_hi_) {
        full_bw_ = sample.bytes_per_s;
        full_bw_rounds_ = 0;
        full_bw_now_ = false;
      } else if (full_bw_now_) {
        start_down(now);
      }
      break;
    default:
      break;
  }
}

void Bbr::start_down(Time now) {
  loss_in_round_ = false;
  bw_latest_ = 0;
  inflight_latest_ = 0;
  up_step_ = kUnbounded;
  rounds_since_probe_ = dice_.below(2);
  probe_wait_ = from_seconds(2 + dice_.uniform());
  cycle_began_ = now;
  ack_phase_ = AckPhase::kProbeStopping;
  start_round();
  enter(State::kDown);
}

void Bbr::start_refill() {
  bw_lo_ = std::numeric_limits<double>::infinity();
  inflight_lo_ = kUnbounded;
  up_rounds_ = 0;
  up_acked_ = 0;
  ack_phase_ = AckPhase::kRefilling;
  start_round();
  enter(State::kRefill);
}

void Bbr::start_up(const RateSample& sample) {
  probe_samples_ = true;
  ack_phase_ = AckPhase::kProbeStarting;
  start_round();
  full_bw_ = sample.bytes_per_s;
  full_bw_rounds_ = 0;
  full_bw_now_ = false;
  enter(State::kUp);
  up_step_ = std::max<std::int64_t>(cwnd_ / (packet_bytes_ << up_rounds_++), 1) * packet_bytes_;
}

void Bbr::update_upper_bound(Time now, const RateSample& sample) {
  if (ack_phase_ == AckPhase::kProbeStarting && round_start_) ack_phase_ = AckPhase::kProbeFeedback;
  if (ack_phase_ == AckPhase::kProbeStopping &&
      round_start_) {  // the last of what probing sent is acknowledged
    probe_samples_ = false;
    ack_phase_ = AckPhase::kInit;
    if (probing_bandwidth() && !sample.newest.app_limited) {
      cycle_bw_[0] = cycle_bw_[1];
      cycle_bw_[1] = cycle_bw_[2];
      cycle_bw_[2] = 0;
    }
  }
  if (too_much_lost(sample.lost, sample.newest.in_flight)) {
    if (probe_samples_) on_inflight_too_high(now, sample.newest.in_flight, sample.newest.app_limited);
    return;
  }
  if (inflight_hi_ == kUnbounded) return;
  inflight_hi_ = std::max(inflight_hi_, sample.newest.in_flight);
  if (state_ != State::kUp || !cwnd_limited_ || cwnd_ < inflight_hi_) return;
  up_acked_ += sample.newly_acked;
  inflight_hi_ += up_acked_ / up_step_ * packet_bytes_;
  up_acked_ %= up_step_;
  if (round_start_) {
    up_step_ = std::max<std::int64_t>(cwnd_ / (packet_bytes_ << up_rounds_), 1) * packet_bytes_;
    up_rounds_ = std::min(up_rounds_ + 1, 30);
  }
}

void Bbr::on_inflight_too_high(Time now, std::int64_t in_flight, bool app_limited) {
  probe_samples_ = false;
  if (!app_limited) inflight_hi_ = std::max(in_flight, scaled(std::min(bdp(cwnd_gain_), cwnd_), kBeta));
  if (state_ == State::kUp) start_down(now);
}

void Bbr::update_min_rtt(Time now, const RateSample& sample) {
  probe_rtt_due_ = now > probe_min_rtt_at_ + kProbeRttInterval;
  if (sample.rtt != Duration::min() && (sample.rtt < probe_min_rtt_ || probe_rtt_due_)) {
    probe_min_rtt_ = sample.rtt;
    probe_min_rtt_at_ = now;
  }
  if (probe_min_rtt_ >= min_rtt_ && now <= min_rtt_at_ + kMinRttWindow) return;
  min_rtt_ = probe_min_rtt_;
  min_rtt_at_ = probe_min_rtt_at_;
}

void Bbr::probe_rtt(Time now, std::int64_t in_flight) {
  if (state_ != State::kProbeRtt && probe_rtt_due_) {
    save_cwnd();
    enter(State::kProbeRtt);
    probe_rtt_until_ = Time::max();
    ack_phase_ = AckPhase::kProbeStopping;
    start_round();
  }
  if (state_ == State::kProbeRtt) {
    rate_.on_app_limited(in_flight);
    if (probe_rtt_until_ == Time::max()) {
      if (in_flight <= probe_rtt_cwnd()) {
        probe_rtt_until_ = now + kProbeRttTime;
        probe_rtt_round_done_ = false;
        start_round();
      }
    } else {
      probe_rtt_round_done_ |= round_start_;
      if (probe_rtt_round_done_ && now > probe_rtt_until_) leave_probe_rtt(now);
    }
  }
}

void Bbr::leave_probe_rtt(Time now) {
  probe_min_rtt_at_ = now;
  cwnd_ = std::max(cwnd_, prior_cwnd_);
  bw_lo_ = std::numeric_limits<double>::infinity();
  inflight_lo_ = kUnbounded;
  if (!pipe_filled_) return enter(State::kStartup);
  start_down(now);
  enter(State::kCruise);
}

}  // namespace turbo::simulate
