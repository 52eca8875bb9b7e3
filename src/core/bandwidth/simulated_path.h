#pragma once
// For the estimator's tests: a sender of camera frames under a congestion controller like BBR, a bottleneck
// whose capacity is known at every moment, a receiver that acknowledges as RFC 9000 has it, all in virtual
// time. It feeds an estimator and compares what that says with the capacity averaged over the last half
// second.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "core/bandwidth/delivery_rate_estimator.h"
#include "core/bandwidth/probe_policy.h"

namespace turbo {

// Bits that a link carries up to each millisecond; starts over at its end.
class SimulatedCapacity {
 public:
  static SimulatedCapacity of(double duration_s, const std::function<double(double)>& bps);
  static SimulatedCapacity read_trace(const std::string& path);  // Mahimahi's format; empty if not there
  // Lognormal around the mean, changing with the time constant (Ornstein and Uhlenbeck's process).
  static SimulatedCapacity fading(double duration_s, double mean_bps, double sigma, double constant_s,
                                  std::uint32_t seed);

  bool empty() const { return bits_.size() < 2; }
  double duration_s() const { return static_cast<double>(bits_.size() - 1) * 1e-3; }
  double bits_until(double t) const;
  double when(double bits) const;  // the first time that so many have passed
  double mean_bps(double from, double to) const { return (bits_until(to) - bits_until(from)) / (to - from); }

 private:
  std::vector<double> bits_{0};  // by the millisecond
};

struct SimulatedTraffic {
  int services = 3;
  double frames_per_second = 8;
  double least_bytes = 20'000, most_bytes = 80'000;
  double give_up_s = 0.15;  // what is not sent by then is cancelled
  bool probes = true;
  double paced_bps = 0;  // above 0: no congestion controller, this pace
  double paced_from_s = 0;
};

struct SimulatedPathSettings {
  double rtt_s = 0.05;
  double jitter_s = 0;     // of acknowledgements, uniform, in order
  double ack_batch_s = 0;  // acknowledgements come back in batches so far apart
  double loss = 0;
  double queue_s = 0.5;  // of the mean rate; then drops
  std::uint32_t seed = 1;
};

struct SimulatedErrors {
  std::vector<double> relative;  // (estimate - capacity) / capacity
  int covered = 0;               // the capacity was inside the interval
  double median_absolute() const;
  double quantile(double p) const;  // of the relative error
  double share_above(double error) const;
  double coverage() const { return relative.empty() ? 0 : covered / static_cast<double>(relative.size()); }
};

class SimulatedPath {
 public:
  using Check = std::function<void(double t, const LinkEstimate&, double capacity_bps)>;
  SimulatedPath(SimulatedCapacity capacity, SimulatedTraffic traffic, SimulatedPathSettings settings,
                const DeliveryRateEstimator::Settings& estimator = {});
  // Compares every 20 ms from 2 s on; below 0.25 Mbps of capacity the error is relative to 0.25.
  SimulatedErrors run(double duration_s, const Check& check = {});
  double goodput_bps() const { return delivered_ * 8 / now_; }
  double junk_share() const { return junk_sent_ / std::max(1.0, sent_); }

 private:
  struct Packet {
    double sent_at, delivered_at, first_sent;
    std::int64_t delivered, bytes;
    bool app_limited;
  };
  struct Event {
    double at;
    std::uint64_t order;
    std::function<void()> act;
    bool operator<(const Event& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
  };
  struct Frame {
    double due, bytes;
    bool junk;
  };
  void at(double t, std::function<void()> act) { events_.push({t, next_order_++, std::move(act)}); }
  Time time() const { return Time{} + from_seconds(1000 + now_); }
  double chance() { return std::uniform_real_distribution<double>()(random_); }
  void make_frame(int service);
  void probe();
  void send();
  void send_packet(std::int64_t bytes);
  void receive(std::uint64_t number, std::int64_t bytes);
  void acknowledge();
  void take_ack(const std::map<std::uint64_t, std::int64_t>& packets);
  void on_delivered(const Packet& packet, double rtt_s);
  void watch_timeout();
  double pace_bps() const;
  double window_bytes() const;

  SimulatedCapacity capacity_;
  SimulatedTraffic traffic_;
  SimulatedPathSettings settings_;
  DeliveryRateEstimator estimator_;
  ProbePolicy probe_policy_{{true, std::chrono::milliseconds(500), 625'000, 0.05}};
  std::mt19937 random_;
  std::priority_queue<Event> events_;
  std::uint64_t next_order_ = 0;
  double now_ = 0, next_send_ = 0, link_bits_ = 0, queue_bits_limit_ = 0, last_ack_at_ = 0;
  std::deque<Frame> frames_;
  std::map<std::uint64_t, Packet> in_flight_;
  std::int64_t in_flight_bytes_ = 0;
  std::uint64_t next_number_ = 0, largest_acked_ = 0, largest_received_ = 0, ack_round_ = 0;
  std::map<std::uint64_t, std::int64_t> unacked_;  // by the receiver yet
  double sent_ = 0, junk_sent_ = 0, delivered_ = 0;
  // The controller: a largest delivery rate of ten rounds, its pace in a cycle around that.
  double delivered_at_ = 0, first_sent_ = 0, smallest_rtt_ = 1, smoothed_rtt_ = 0;
  std::deque<std::pair<double, double>> rates_;
  double full_bps_ = 0, round_end_ = 0, timeout_at_ = 0;
  int flat_rounds_ = 0, timeouts_ = 0;
  bool app_limited_ = true, sender_asleep_ = true;
};

}  // namespace turbo
