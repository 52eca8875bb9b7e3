#include "core/bandwidth/congestion_watchdog.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using namespace std::chrono_literals;

struct CongestionWatchdogTest : ::testing::Test {
  Time now{1h};
  CongestionWatchdog watchdog;
  // 10 Mbps known, 40 ms, nothing queues.
  LinkEstimate link{
      .rate_bps = 10e6, .low_bps = 9e6, .high_bps = 11e6, .age = 1s, .min_rtt = 40ms, .queueing_delay = 1ms};

  // Checks every 20 ms; when it says collapsed, or never.
  std::optional<Duration> verdict(std::int64_t window_bytes, Duration within, bool waiting = true) {
    const Time start = now;
    for (; now - start < within; now += 20ms)
      if (watchdog.check(now, window_bytes, 40ms, link, waiting)) return now - start;
    return std::nullopt;
  }
};

// BBR after a wrong application-limited mark: a window of four packets on a link known to carry 10 Mbps.
TEST_F(CongestionWatchdogTest, ACollapsedControllerIsNoticedInHalfASecond) {
  const auto after = verdict(4 * 1200, 5s);
  ASSERT_TRUE(after);
  EXPECT_LT(*after, 500ms);
  EXPECT_EQ(watchdog.verdicts(), 1u);
}

TEST_F(CongestionWatchdogTest, AWindowThatFillsTheLinkIsLeftAlone) {
  EXPECT_FALSE(verdict(50'000, 60s)) << "the bandwidth-delay product";
  EXPECT_FALSE(verdict(20'000, 60s)) << "less, but not a collapse";
}

TEST_F(CongestionWatchdogTest, WithoutWaitingDataASmallWindowHarmsNobody) {
  EXPECT_FALSE(verdict(4800, 60s, false));
}

TEST_F(CongestionWatchdogTest, ALinkThatFellIsNotTheControllersFault) {
  link.queueing_delay = 200ms;
  EXPECT_FALSE(verdict(4800, 60s));
  link.queueing_delay = 0ms;
  link.rate_bps = 1e6;
  EXPECT_FALSE(verdict(4800, 60s)) << "960 kbps of 1 Mbps";
}

TEST_F(CongestionWatchdogTest, AGuessIsNoEvidence) {
  link.age = Duration::max();
  EXPECT_FALSE(verdict(4800, 60s));
}

TEST_F(CongestionWatchdogTest, ABreakStartsItsPatienceAnew) {
  EXPECT_FALSE(verdict(4800, 300ms));
  EXPECT_FALSE(verdict(50'000, 20ms));
  EXPECT_FALSE(verdict(4800, 300ms));
  EXPECT_TRUE(verdict(4800, 300ms));
}

TEST_F(CongestionWatchdogTest, VerdictsThatDoNotHelpComeRarerAndRarer) {
  ASSERT_TRUE(verdict(4800, 1s));
  const auto second = verdict(4800, 60s);
  ASSERT_TRUE(second);
  EXPECT_GE(*second, 10s);
  now += 20ms;
  const auto third = verdict(4800, 60s), fourth = verdict(4800, 100s);
  ASSERT_TRUE(third && fourth);
  EXPECT_GE(*third, 19s);
  EXPECT_GE(*fourth, 39s);
}

}  // namespace
}  // namespace turbo
