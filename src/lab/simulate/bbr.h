#pragma once
// The congestion controller of the simulated sender: BBR of draft-ietf-ccwg-bbr as ngtcp2 runs it. Startup,
// drain, the probing cycle down - cruise - refill - up, probing of the RTT every five seconds, an upper bound
// of what is in flight after 2 % loss, lower bounds while it does not probe, packet conservation in the first
// round of a loss recovery. Without the draft's restart from idle, which ngtcp2 never gets to: it asks
// whether anything is in flight when the packet is counted already. Fed with events; deterministic by seed.

#include <cstdint>
#include <limits>

#include "core/time.h"
#include "lab/simulate/delivery_rate.h"
#include "scene/dice.h"

namespace turbo::simulate {

class Bbr {
 public:
  // `rate` is the sender's; it must outlive this.
  Bbr(Time now, std::int64_t packet_bytes, std::uint64_t seed, DeliveryRate& rate);

  void on_cwnd_limited() { cwnd_limited_ = true; }
  // Each lost packet, before the batch's on_acked.
  void on_lost(Time now, std::int64_t bytes, Time sent_at, const SendStamp& stamp);
  void on_acked(Time now, const RateSample& sample, std::int64_t in_flight);
  void on_persistent_congestion(std::int64_t in_flight);

  std::int64_t cwnd_bytes() const { return cwnd_; }
  double pacing_bytes_per_s() const { return pacing_; }
  std::int64_t send_quantum() const { return quantum_; }
  Duration min_rtt() const { return min_rtt_; }  // Duration::max() before the first sample

 private:
  enum class State { kStartup, kDrain, kDown, kCruise, kRefill, kUp, kProbeRtt };
  enum class AckPhase { kInit, kRefilling, kProbeStarting, kProbeFeedback, kProbeStopping };
  static constexpr double kBeta = 0.7, kLossThreshold = 0.02;
  static constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();

  static bool too_much_lost(std::int64_t lost, std::int64_t in_flight) {
    return static_cast<double>(lost) > kLossThreshold * static_cast<double>(in_flight);
  }
  static std::int64_t scaled(std::int64_t bytes, double factor) {
    return static_cast<std::int64_t>(static_cast<double>(bytes) * factor);
  }
  bool probing_bandwidth() const { return state_ >= State::kDown && state_ <= State::kUp; }
  void start_round() { round_ends_at_ = rate_.delivered(); }
  void enter(State state);
  void start_down(Time now);
  void start_refill();
  void start_up(const RateSample& sample);

  void update_recovery(Time now, const RateSample& sample, std::int64_t in_flight);
  void update_round(const RateSample& sample);
  void update_max_bandwidth(const RateSample& sample);
  void update_lower_bounds();
  void update_aggregation(Time now, const RateSample& sample);
  void check_pipe_full(const RateSample& sample);
  void update_cycle(Time now, const RateSample& sample, std::int64_t in_flight);
  void update_upper_bound(Time now, const RateSample& sample);
  void on_inflight_too_high(Time now, std::int64_t in_flight, bool app_limited);
  void update_min_rtt(Time now, const RateSample& sample);
  void probe_rtt(Time now, std::int64_t in_flight);
  void leave_probe_rtt(Time now);
  void set_pacing(double gain);
  void set_cwnd(const RateSample& sample);

  std::int64_t bdp(double gain) const;
  std::int64_t inflight_target(double gain) const;
  std::int64_t with_headroom() const;
  std::int64_t min_cwnd() const { return 4 * packet_bytes_; }
  std::int64_t probe_rtt_cwnd() const;
  void save_cwnd();

  std::int64_t packet_bytes_;
  DeliveryRate& rate_;
  scene::Dice dice_;

  State state_ = State::kStartup;
  double pacing_gain_ = 0, cwnd_gain_ = 0;
  std::int64_t initial_cwnd_, cwnd_, prior_cwnd_ = 0, quantum_;
  double pacing_ = 0;  // bytes/s
  bool cwnd_limited_ = false;

  std::int64_t round_ends_at_ = 0, round_ = 0, rounds_since_probe_ = 0;
  bool round_start_ = false;

  double max_bw_ = 0, bw_ = 0;      // bytes/s
  double cycle_bw_[3] = {0, 0, 0};  // largest of the last two cycles and of this one
  double full_bw_ = 0;
  int full_bw_rounds_ = 0;
  bool full_bw_now_ = false, pipe_filled_ = false;

  double bw_latest_ = 0, bw_lo_ = std::numeric_limits<double>::infinity();
  std::int64_t inflight_latest_ = 0, inflight_lo_ = kUnbounded, inflight_hi_ = kUnbounded;
  bool loss_in_round_ = false;
  std::int64_t loss_round_ends_at_ = kUnbounded;
  int loss_events_in_round_ = 0;

  AckPhase ack_phase_ = AckPhase::kInit;
  bool probe_samples_ = false;  // losses now come of probing
  Time cycle_began_;
  Duration probe_wait_{};
  int up_rounds_ = 0;
  std::int64_t up_acked_ = 0, up_step_ = kUnbounded;

  Duration min_rtt_ = Duration::max(), probe_min_rtt_ = Duration::max();
  Time min_rtt_at_, probe_min_rtt_at_, probe_rtt_until_ = Time::max();
  bool probe_rtt_due_ = false, probe_rtt_round_done_ = false;

  Time recovery_began_ = Time::min();
  bool in_recovery_ = false, loss_event_ = false;
  std::int64_t recovery_round_ = -1;

  Time aggregation_began_;
  std::int64_t aggregated_ = 0;
  std::int64_t extra_acked_[2] = {0, 0};  // largest of the last ten rounds and of these
  std::int64_t extra_rounds_began_ = 0;
};

}  // namespace turbo::simulate
