// The estimator against a simulated link in virtual time: frames of 30 KB, 15 a second, 40 ms RTT, packets
// paced, acknowledged every second one, the odd last one 25 ms late.
#include "core/bandwidth/bandwidth_estimator.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>

namespace turbo {
namespace {

using std::chrono::milliseconds;
constexpr std::int64_t kPacket = 1200;

struct Scenario {
  std::function<double(double)> link_bps;  // by time in s
  std::function<double(double)> pace_bps;  // of the sender
  std::int64_t frame_bytes = 30'000;
  double frames_per_second = 15;
  double rtt_s = 0.040;
  double loss = 0;      // of packets; the stream's acknowledgements then wait for the retransmission
  double jitter_s = 0;  // of acknowledgements
  double seconds = 10;
};

class Simulation {
 public:
  Simulation(Scenario scenario, double initial_bps)
      : scenario_(std::move(scenario)), estimator_(initial_bps) {}

  // Calls `check` every 100 ms with the time in s and the estimate in bit/s.
  void run(const std::function<void(double, const BandwidthReport&)>& check) {
    for (double t = 0; t < scenario_.seconds; t += 1 / scenario_.frames_per_second)
      events_.emplace(t, [this, t] { start_frame(t); });
    for (double t = 0.1; t < scenario_.seconds; t += 0.1)
      events_.emplace(t, [this, t, &check] { check(t, estimator_.report(time(t))); });
    while (!events_.empty()) {
      auto event = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      event();
    }
  }

 private:
  static Time time(double t) { return Time{} + from_seconds(100 + t); }

  void start_frame(double t) {
    waiting_ += scenario_.frame_bytes;
    if (!sending_) send(t);
  }

  void send(double t) {
    sending_ = waiting_ > 0;
    if (!sending_) return estimator_.on_app_limited(time(t));
    const std::int64_t bytes = std::min(kPacket, waiting_);
    waiting_ -= bytes;
    estimator_.on_sent(time(t), bytes);
    link_free_ = std::max(link_free_, t) +
                 static_cast<double>(bytes) * 8 / scenario_.link_bps(std::max(link_free_, t));
    const std::uint64_t packet = next_packet_++;
    double arrives = link_free_ + scenario_.rtt_s / 2;
    if (chance() < scenario_.loss) arrives += 1.5 * scenario_.rtt_s;  // found lost, sent again
    events_.emplace(arrives, [=, this] { receive(arrives, packet, bytes); });
    const double next = t + static_cast<double>(bytes) * 8 / scenario_.pace_bps(t);
    events_.emplace(next, [this, next] { send(next); });
  }

  // As RFC 9000 has it: every second packet is acknowledged at once, a single one after 25 ms.
  void receive(double t, std::uint64_t packet, std::int64_t bytes) {
    unacked_[packet] = bytes;
    if (unacked_.size() >= 2) return acknowledge(t);
    events_.emplace(t + 0.025, [this, t, round = ack_round_] {
      if (round == ack_round_) acknowledge(t + 0.025);
    });
  }

  void acknowledge(double t) {
    ++ack_round_;
    const double at = last_ack_ =
        std::max(t + scenario_.rtt_s / 2 + scenario_.jitter_s * chance(), last_ack_);
    events_.emplace(at, [this, at, acked = std::exchange(unacked_, {})] { take_ack(at, acked); });
  }

  // The sender hears of its stream in order only: a lost packet holds back all after it.
  void take_ack(double t, const std::map<std::uint64_t, std::int64_t>& packets) {
    acked_.insert(packets.begin(), packets.end());
    std::int64_t bytes = 0;
    for (auto packet = acked_.begin(); packet != acked_.end() && packet->first == next_acked_;
         ++next_acked_) {
      bytes += packet->second;
      packet = acked_.erase(packet);
    }
    if (bytes > 0) estimator_.on_acked(time(t), bytes, from_seconds(scenario_.rtt_s));
  }

  double chance() { return static_cast<double>(random_() % 1'000'000) / 1e6; }

  Scenario scenario_;
  BandwidthEstimator estimator_;
  std::multimap<double, std::function<void()>> events_;
  std::mt19937 random_{17};
  std::int64_t waiting_ = 0;
  std::map<std::uint64_t, std::int64_t> unacked_, acked_;  // by the receiver yet; out of order at the sender
  std::uint64_t next_packet_ = 0, next_acked_ = 0, ack_round_ = 0;
  bool sending_ = false;
  double link_free_ = 0, last_ack_ = 0;
};

auto constant(double value) {
  return [value](double) { return value; };
}
auto step(double before, double after, double at) {
  return [=](double t) { return t < at ? before : after; };
}

TEST(BandwidthEstimator, FindsAConstantRate) {
  for (const double mbps : {4.0, 8.0, 12.0, 20.0, 40.0}) {
    for (const double pace : {1.25, 2.0, 50.0}) {
      Simulation simulation({.link_bps = constant(mbps * 1e6), .pace_bps = constant(mbps * 1e6 * pace)}, 1e6);
      simulation.run([&](double t, const BandwidthReport& report) {
        if (t < 0.5) return;
        EXPECT_NEAR(report.rate_bps / 1e6, mbps, mbps * 0.08) << "at " << t << " s, paced at " << pace;
      });
    }
  }
}

TEST(BandwidthEstimator, HoldsUnderLossAndJitter) {
  Simulation simulation({.link_bps = constant(10e6),
                         .pace_bps = constant(20e6),
                         .loss = 0.01,
                         .jitter_s = 0.003,
                         .seconds = 60},
                        1e6);
  int outside = 0, seen = 0;
  simulation.run([&](double t, const BandwidthReport& report) {
    if (t < 1) return;
    ++seen;
    outside += std::abs(report.rate_bps / 1e6 - 10) > 2.0 ? 1 : 0;
  });
  EXPECT_LT(outside, seen / 25) << "of " << seen;
}

TEST(BandwidthEstimator, FallsFastWithTheLink) {
  Simulation simulation({.link_bps = step(20e6, 5e6, 5), .pace_bps = step(25e6, 8e6, 6)}, 1e6);
  simulation.run([&](double t, const BandwidthReport& report) {
    if (t > 1 && t < 5) {
      EXPECT_NEAR(report.rate_bps / 1e6, 20, 1.6) << t;
    }
    if (t > 5.5) {
      EXPECT_NEAR(report.rate_bps / 1e6, 5, 0.5) << t;
    }
  });
}

TEST(BandwidthEstimator, RisesWithTheLinkWhenTheSenderProbes) {
  Simulation simulation({.link_bps = step(5e6, 20e6, 5), .pace_bps = step(6.5e6, 25e6, 5.5)}, 1e6);
  simulation.run([&](double t, const BandwidthReport& report) {
    if (t > 1 && t < 5) {
      EXPECT_NEAR(report.rate_bps / 1e6, 5, 0.5) << t;
    }
    if (t > 6) {
      EXPECT_NEAR(report.rate_bps / 1e6, 20, 1.6) << t;
    }
  });
}

// As BBR paces when the link changes little by little: always just above it, so that no single train is
// clearly held up.
TEST(BandwidthEstimator, FollowsASlowChangeThatTheSenderFollowsToo) {
  const auto slope = [](double from, double to, double factor) {
    return [=](double t) { return factor * (from + (to - from) * std::clamp((t - 2) / 10, 0.0, 1.0)); };
  };
  for (const auto& [from, to] : {std::pair{20e6, 8e6}, std::pair{8e6, 20e6}}) {
    Simulation simulation({.link_bps = slope(from, to, 1), .pace_bps = slope(from, to, 1.03), .seconds = 15},
                          1e6);
    simulation.run([&](double t, const BandwidthReport& report) {
      const double link_bps = slope(from, to, 1)(t);
      if (t > 1) {
        EXPECT_NEAR(report.rate_bps, link_bps, 0.13 * link_bps) << t;  // the window is 1 s
      }
    });
  }
}

TEST(BandwidthEstimator, ASlowSenderNeverLowersTheEstimate) {
  // 20 Mbps are known; then the sender paces at 6 Mbps for lack of need, which says nothing about the link.
  Simulation simulation({.link_bps = constant(20e6), .pace_bps = step(30e6, 6e6, 3), .jitter_s = 0.0005},
                        1e6);
  simulation.run([&](double t, const BandwidthReport& report) {
    if (t > 1) {
      EXPECT_NEAR(report.rate_bps / 1e6, 20, 2) << t;
    }
    if (t > 4.5) {
      EXPECT_TRUE(report.app_limited) << t;
    }
    if (t > 1 && t < 3) {
      EXPECT_FALSE(report.app_limited) << t;
    }
  });
}

TEST(BandwidthEstimator, NeverAboveTheLinkWhenOnlyTheSenderLimits) {
  Simulation simulation({.link_bps = constant(20e6), .pace_bps = constant(10e6)}, 1e6);
  simulation.run([&](double t, const BandwidthReport& report) {
    if (t < 1) return;
    EXPECT_LT(report.rate_bps, 20e6);
    EXPECT_GT(report.rate_bps, 9e6);
  });
}

TEST(BandwidthEstimator, AnOutageShowsBeforeAnythingComesBack) {
  BandwidthEstimator estimator(10e6);
  const Time start{};
  estimator.on_sent(start, 30'000);
  estimator.on_acked(start + milliseconds(40), 1'200, milliseconds(40));
  EXPECT_NEAR(estimator.estimate_bps(start + milliseconds(60)), 10e6, 1);
  EXPECT_LT(estimator.estimate_bps(start + milliseconds(1040)), 0.3e6);
}

TEST(BandwidthEstimator, OddEventsDoNoHarm) {
  BandwidthEstimator estimator(-5);
  const Time start{};
  estimator.on_acked(start, 5000, milliseconds(10));  // of nothing sent
  estimator.on_sent(start, -1);
  estimator.on_sent(start, 100);
  estimator.on_acked(start, 1'000'000'000, Duration::zero());
  EXPECT_EQ(estimator.outstanding_bytes(), 0);
  for (int i = 0; i < 50'000; ++i) estimator.on_sent(start + Duration(i), 10);
  estimator.on_abandoned(start, 1000);
  EXPECT_EQ(estimator.outstanding_bytes(), 499'000);
  estimator.on_connection_lost(start);
  EXPECT_EQ(estimator.outstanding_bytes(), 0);
  EXPECT_GT(estimator.estimate_bps(start), 0);
  EXPECT_TRUE(estimator.report(start).app_limited);
}

}  // namespace
}  // namespace turbo
