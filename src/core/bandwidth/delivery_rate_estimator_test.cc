#include "core/bandwidth/delivery_rate_estimator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include <cmath>
#include <random>

namespace turbo {
namespace {

using namespace std::chrono_literals;
using Estimator = DeliveryRateEstimator;

constexpr std::int64_t kPacket = 1250;

struct DeliveryRateEstimatorTest : ::testing::Test {
  Time now{1h};
  Estimator estimator{{.initial_bps = 3e6}};

  // A train sent at once, two packets of it acknowledged at a time as a link of this rate delivers them.
  void train(int packets, double link_bps, Duration rtt = 40ms) {
    for (int i = 0; i < packets; ++i) estimator.on_sent(now, kPacket);
    estimator.on_app_limited(now);
    const Time sent = now;
    for (int i = 2; i <= packets; i += 2) {
      now = sent + rtt + from_seconds((i - 2) * kPacket * 8 / link_bps);
      estimator.on_acked(now, 2 * kPacket, now - sent);
    }
  }
};

TEST_F(DeliveryRateEstimatorTest, StartsFromAGuessAndSaysSo) {
  const LinkEstimate guess = estimator.report(now);
  EXPECT_DOUBLE_EQ(guess.rate_bps, 3e6);
  EXPECT_LT(guess.low_bps, 1e6);
  EXPECT_GT(guess.high_bps, 9e6);
  EXPECT_EQ(guess.age, Duration::max());
  EXPECT_TRUE(guess.app_limited);
  EXPECT_EQ(guess.min_rtt, Duration::zero());
}

TEST_F(DeliveryRateEstimatorTest, OneTrainThatQueuesMeasuresTheLink) {
  train(60, 10e6);
  const LinkEstimate seen = estimator.report(now);
  EXPECT_NEAR(seen.rate_bps, 10e6, 0.1e6);
  EXPECT_FALSE(seen.app_limited);
  EXPECT_EQ(seen.age, 0ns);
  EXPECT_EQ(seen.min_rtt, 40ms);
  EXPECT_GT(seen.queueing_delay, 50ms);
  EXPECT_GT(seen.samples, 10u);
  now += 600ms;
  EXPECT_TRUE(estimator.report(now).app_limited);
  EXPECT_NEAR(estimator.report(now).rate_bps, 10e6, 0.1e6) << "nothing was learned since";
  EXPECT_GT(estimator.report(now).high_bps, seen.high_bps) << "but it may have changed";
}

TEST_F(DeliveryRateEstimatorTest, TheLastPacketAcknowledgedLateDoesNotCount) {
  train(60, 10e6);
  estimator.on_sent(now, kPacket);
  now += 40ms + 25ms;
  estimator.on_acked(now, kPacket, 65ms);
  EXPECT_NEAR(estimator.report(now).rate_bps, 10e6, 0.1e6);
}

// Frames that leave before the link is full: the odd last packet of each is acknowledged with the first two
// of the next.
TEST_F(DeliveryRateEstimatorTest, TheRateOfTheFramesIsNotTheRateOfTheLink) {
  for (int frame = 0; frame < 100; ++frame) {
    const Time sent = now;
    for (int i = 0; i < 29; ++i) estimator.on_sent(now, kPacket);
    estimator.on_app_limited(now);
    for (int i = 0; i < 14; ++i) {  // 250 us a packet: 40 Mbps
      now = sent + 4ms + i * 500us;
      estimator.on_acked(now, (i == 0 && frame > 0 ? 3 : 2) * kPacket, now - sent);
    }
    now = sent + 22ms;
  }
  EXPECT_NEAR(estimator.report(now).rate_bps, 40e6, 2e6) << "not 29 packets in 22 ms, 13 Mbps";
}

TEST_F(DeliveryRateEstimatorTest, ASilenceLowersTheRateBeforeAnythingComesBack) {
  train(60, 10e6);
  for (int i = 0; i < 40; ++i) estimator.on_sent(now, kPacket);
  EXPECT_NEAR(estimator.report(now + 60ms).rate_bps, 10e6, 0.1e6) << "too early to tell";
  EXPECT_LT(estimator.report(now + 300ms).rate_bps, 4e6);
  EXPECT_LT(estimator.report(now + 800ms).rate_bps, 0.1e6);
}

TEST_F(DeliveryRateEstimatorTest, AFallThatQueuesIsBelievedAtOnce) {
  for (int i = 0; i < 5; ++i) train(60, 20e6);
  EXPECT_NEAR(estimator.report(now).rate_bps, 20e6, 0.2e6);
  const Time fell = now;
  train(16, 2e6);  // 80 ms of it
  EXPECT_LT(now - fell, 150ms);
  EXPECT_LT(estimator.report(now).rate_bps, 4e6);
}

TEST_F(DeliveryRateEstimatorTest, SeveralCallsForOneBatchDoNoHarm) {
  Estimator other({.initial_bps = 3e6});
  for (int i = 0; i < 64; ++i) {
    estimator.on_sent(now, kPacket);
    other.on_sent(now, kPacket);
  }
  for (int batch = 0; batch < 16; ++batch) {
    const Time at = now + 40ms + batch * 4ms;
    for (int i = 0; i < 4; ++i) estimator.on_acked(at, kPacket, at - now);
    other.on_acked(at, 4 * kPacket, at - now);
  }
  EXPECT_NEAR(estimator.report(now + 100ms).rate_bps, 10e6, 0.3e6);
  EXPECT_NEAR(other.report(now + 100ms).rate_bps, 10e6, 0.1e6);
}

TEST_F(DeliveryRateEstimatorTest, LostPacketsLeaveFlight) {
  for (int i = 0; i < 10; ++i) estimator.on_sent(now, kPacket);
  estimator.on_lost(now + 1ms, 4 * kPacket);
  EXPECT_EQ(estimator.outstanding_bytes(), 6 * kPacket);
  estimator.on_acked(now + 40ms, 6 * kPacket, 40ms);
  EXPECT_EQ(estimator.outstanding_bytes(), 0);
}

TEST_F(DeliveryRateEstimatorTest, ANewPathKeepsTheRateAsAGuess) {
  train(60, 10e6);
  estimator.on_sent(now, 10 * kPacket);
  estimator.on_path_changed(now);
  const LinkEstimate guess = estimator.report(now + 3s);
  EXPECT_EQ(estimator.outstanding_bytes(), 0);
  EXPECT_NEAR(guess.rate_bps, 10e6, 0.1e6);
  EXPECT_EQ(guess.age, Duration::max());
  EXPECT_LT(guess.low_bps, 2e6);
  EXPECT_EQ(guess.min_rtt, Duration::zero());
  now += 3s;
  train(60, 4e6, 90ms);
  EXPECT_NEAR(estimator.report(now).rate_bps, 4e6, 0.1e6);
  EXPECT_EQ(estimator.report(now).min_rtt, 90ms);
}

TEST_F(DeliveryRateEstimatorTest, ThePrototypesFormulaCanBeHad) {
  Estimator prototype({.initial_bps = 3e6, .formula = Estimator::Formula::kWindowOverRtt});
  EXPECT_DOUBLE_EQ(prototype.report(now).rate_bps, 3e6);
  prototype.on_window(now, 100'000, 40ms);
  EXPECT_DOUBLE_EQ(prototype.report(now).rate_bps, 20e6);
  prototype.on_window(now, 0, 40ms);
  EXPECT_DOUBLE_EQ(prototype.report(now).rate_bps, 20e6);
}

TEST_F(DeliveryRateEstimatorTest, AWiderIntervalForAHigherProbability) {
  double last_low = 1e12, last_high = 0;
  for (const double probability : {0.5, 0.8, 0.95}) {
    estimator = Estimator({.initial_bps = 3e6, .probability = probability});
    train(60, 10e6);
    const LinkEstimate seen = estimator.report(now + 200ms);
    EXPECT_LT(seen.low_bps, last_low);
    EXPECT_GT(seen.high_bps, last_high);
    last_low = seen.low_bps;
    last_high = seen.high_bps;
  }
}

// Whatever comes, the report stays finite and ordered and the accounts stay right.
TEST_F(DeliveryRateEstimatorTest, OddEventsDoNoHarm) {
  std::mt19937 random(7);
  estimator = Estimator({.initial_bps = std::nan("")});
  std::int64_t expected = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto bytes = static_cast<std::int64_t>(random() % 4000) - 500;
    switch (random() % 12) {
      case 0:
      case 1:
      case 2:
      case 3:
        estimator.on_sent(now, bytes);
        expected += std::max<std::int64_t>(bytes, 0);
        break;
      case 4:
      case 5:
        estimator.on_acked(now, bytes, Duration(static_cast<std::int64_t>(random() % 100'000'000) - 1000));
        expected -= std::clamp<std::int64_t>(bytes, 0, expected);
        break;
      case 6:
        estimator.on_lost(now, bytes);
        expected -= std::clamp<std::int64_t>(bytes, 0, expected);
        break;
      case 7:
        estimator.on_app_limited(now);
        break;
      case 8:
        if (random() % 500 == 0) {
          estimator.on_path_changed(now);
          expected = 0;
        }
        break;
      case 9:
        now += from_seconds(0.5 * (random() % 100 == 0));
        break;
      default:
        now += from_seconds(1e-3 * static_cast<double>(random() % 4));
    }
    ASSERT_EQ(estimator.outstanding_bytes(), expected);
    const LinkEstimate seen = estimator.report(now);
    ASSERT_TRUE(std::isfinite(seen.rate_bps) && std::isfinite(seen.high_bps));
    ASSERT_GE(seen.low_bps, 1000);
    ASSERT_LE(seen.low_bps, std::max(seen.rate_bps, 1000.0));
    ASSERT_LE(seen.rate_bps, seen.high_bps);
    ASSERT_GE(seen.queueing_delay, 0ns);
  }
}

// Frames of an odd number of packets: the last one's acknowledgement comes late, or with the next frame's
// first.
TEST(DeliveryRateEstimator, AnAcknowledgementThatWaitedForCompanyIsNoSlowLink) {
  for (const Duration wait : {Duration(7ms), Duration(12ms), Duration(20ms)}) {
    DeliveryRateEstimator estimator(DeliveryRateEstimator::Settings{.initial_bps = 20e6});
    constexpr int kPairs = 20;
    struct Event {
      Time at;
      std::int64_t sent, acked;
    };
    std::vector<Event> events;
    const Duration pair_time = from_seconds(2 * kPacket * 8 / 25e6);
    for (int train = 0; train < 150; ++train) {
      const Time begin = Time(1h) + train * 33ms;
      events.push_back({begin, (2 * kPairs + 1) * kPacket, 0});
      for (int pair = 1; pair <= kPairs; ++pair)
        events.push_back({begin + 50ms + pair * pair_time, 0, 2 * kPacket});
      events.push_back({begin + 50ms + kPairs * pair_time + wait, 0, kPacket});
    }
    std::stable_sort(events.begin(), events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
    for (const Event& event : events) {
      if (event.sent > 0) {
        estimator.on_sent(event.at, event.sent);
        estimator.on_app_limited(event.at);
      } else {
        estimator.on_acked(event.at, event.acked, {});
      }
    }
    EXPECT_NEAR(estimator.report(events.back().at).rate_bps, 25e6, 1.5e6) << milliseconds(wait) << " ms";
  }
}

// The server dies, nothing comes back, and the next path is one whose limit is never met.
TEST_F(DeliveryRateEstimatorTest, ASilentPathIsNoMeasureOfTheNextOne) {
  for (int i = 0; i < 20; ++i, now += 60ms) train(40, 12e6);
  ASSERT_NEAR(estimator.report(now).rate_bps, 12e6, 1e6);
  estimator.on_sent(now, 10 * kPacket);
  now += 3s;
  ASSERT_LT(estimator.report(now).rate_bps, 1e6);
  estimator.on_path_changed(now);
  EXPECT_NEAR(estimator.report(now).rate_bps, 12e6, 1e6);
}

TEST_F(DeliveryRateEstimatorTest, AShortTrainThatMeetsNoLimitRaisesALowEstimate) {
  Estimator low({.initial_bps = 1'000});
  for (int i = 0; i < 3; ++i, now += 100ms) {
    for (int sent = 0; sent < 100; ++sent) low.on_sent(now, kPacket);
    low.on_app_limited(now);
    for (int acked = 0; acked < 50; ++acked) low.on_acked(now + 1ms + acked * 20us, 2 * kPacket, 1ms);
  }
  EXPECT_GT(low.report(now).rate_bps, 10e6);
}

}  // namespace
}  // namespace turbo
