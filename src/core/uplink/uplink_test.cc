#include "core/uplink/uplink.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using namespace std::chrono_literals;

// 1 kB a millisecond.
constexpr LinkView kLink{.rate_bps = 8e6, .rtt = 40ms, .low_bps = 6e6, .high_bps = 8e6};

struct UplinkTest : ::testing::Test {
  Time now{1h};
  Uplink uplink = make();

  Uplink make(Uplink::Settings settings = {}, std::size_t services = 1, Duration queue_slo = 100ms) const {
    return Uplink(settings,
                  std::vector(services, Uplink::ServiceSettings{.rate_bps = 1e6, .queue_slo = queue_slo}),
                  now);
  }
  void push(std::uint64_t id, std::int64_t size, Duration budget = 150ms, std::size_t service = 0) {
    uplink.on_frame(now, service, {id, size, now, now + budget, nullptr});
  }
  std::uint64_t start(const LinkView& link = kLink) {  // 0: none
    const auto started = uplink.next_start(now, link);
    return started ? started->frame.context_id : 0;
  }
  std::uint64_t cancel(const LinkView& link = kLink) {
    const auto cancelled = uplink.next_cancel(now, link);
    return cancelled ? cancelled->context_id : 0;
  }
  const UplinkCounts& counts(std::size_t service = 0) const { return uplink.counts(service); }
};

TEST_F(UplinkTest, StartsTheNewestWithTheBudgetThatIsLeft) {
  EXPECT_TRUE(uplink.idle());
  push(1, 1000);
  push(2, 1200);
  EXPECT_FALSE(uplink.idle());
  EXPECT_EQ(uplink.next_deadline(now), now + 100ms);
  now += 50ms;
  const auto started = uplink.next_start(now, kLink);
  ASSERT_TRUE(started);
  EXPECT_EQ(started->frame.context_id, 2u);
  EXPECT_EQ(started->budget, 100ms);
  EXPECT_EQ(counts().displaced, 1u);
  EXPECT_EQ(uplink.next_turn(now)->max_bytes, 1200);
  now += 5ms;
  uplink.on_sent(now, 0, 1200);
  const auto displaced = uplink.next_ended(), sent = uplink.next_ended();
  ASSERT_TRUE(displaced && sent);
  EXPECT_FALSE(displaced->waited) << "it was never started";
  EXPECT_EQ(sent->after, 55ms);
  EXPECT_EQ(sent->waited, 50ms);
  EXPECT_FALSE(uplink.next_turn(now));
  EXPECT_EQ(counts().finished, 1u);
  EXPECT_TRUE(uplink.idle());
  EXPECT_EQ(uplink.next_deadline(now), Time::max());
}

TEST_F(UplinkTest, OneIsInFlightAndOneWaits) {
  push(1, 50'000);
  ASSERT_EQ(start(), 1u);
  for (std::uint64_t id : {2, 3, 4}) push(id, 1000);
  EXPECT_EQ(start(), 0u);
  uplink.on_sent(now, 0, 49'999);
  EXPECT_EQ(start(), 0u);
  uplink.on_sent(now, 0, 1);
  EXPECT_EQ(start(), 4u);
  EXPECT_EQ(counts().displaced, 2u);
}

TEST_F(UplinkTest, WhatWaitedTooLongIsDroppedWithoutAConnectionToo) {
  push(1, 1000);
  now += 100ms;
  EXPECT_EQ(cancel(), 0u);
  EXPECT_EQ(counts().expired, 1u);
  EXPECT_TRUE(uplink.idle());
  push(2, 1000, 60ms);
  EXPECT_EQ(uplink.next_deadline(now), now + 60ms) << "the deadline comes before the queue's SLO";
  push(3, 1000, -1ms);
  EXPECT_EQ(counts().expired, 2u) << "late when it comes; the one that waits stays";
  push(4, 0);
  EXPECT_EQ(counts().expired, 3u) << "a frame of nothing";
  EXPECT_EQ(start(), 2u);
}

TEST_F(UplinkTest, AFrameThatCannotBeInTimeIsNotStarted) {
  push(1, 111'000);  // 111 ms to send, 40 to go and come back
  EXPECT_EQ(start(), 0u);
  EXPECT_FALSE(uplink.idle());
  EXPECT_EQ(start({.rate_bps = 9e6, .rtt = 40ms}), 1u) << "the link turned out better";
  uplink.on_sent(now, 0, 111'000);
  push(2, 100'000);
  uplink.set_server_time(0, 11ms);
  EXPECT_EQ(start(), 0u) << "the server takes its time too";
  push(3, 60'000);
  EXPECT_EQ(start(), 3u);
  EXPECT_EQ(counts().hopeless, 1u);
  EXPECT_EQ(counts().displaced, 0u);
}

TEST_F(UplinkTest, AWrongEstimateIsPutToTheTest) {
  const LinkView hardly{.rate_bps = 1000, .rtt = 40ms};
  for (std::uint64_t id = 1; id <= 5; ++id, now += 49ms) {
    push(id, 20'000);
    ASSERT_EQ(start(hardly), 0u) << id;
    ASSERT_LE(uplink.next_deadline(now), now + 100ms);
  }
  push(6, 20'000);
  now += 10ms;
  EXPECT_EQ(start(hardly), 6u) << "nothing was under way for a quarter of a second";
  now += 100ms;
  EXPECT_EQ(cancel(hardly), 0u) << "a trial has until its deadline";
  now += 40ms;
  EXPECT_EQ(cancel(hardly), 6u);
  push(7, 20'000);
  EXPECT_EQ(start(hardly), 0u) << "and then peace for as long";
}

TEST_F(UplinkTest, AServiceBelievedTooSlowIsPutToTheTestBesideBusyOnes) {
  Uplink both({}, {{.rate_bps = 1e6, .queue_slo = 100ms}, {.rate_bps = 1e6, .queue_slo = 100ms}}, now);
  both.set_server_time(1, 5s);
  std::uint64_t id = 0;
  const Time begin = now;
  for (; both.counts(1).started == 0 && now - begin < 5s; now += 50ms) {
    for (const std::size_t service : {0u, 1u})
      both.on_frame(now, service,
                    {.context_id = ++id, .size_bytes = 50'000, .arrived = now, .deadline = now + 150ms});
    while (both.next_cancel(now, kLink)) continue;
    while (both.next_start(now, kLink)) continue;
    both.on_sent(now + 40ms, 0, 50'000);
  }
  EXPECT_GE(now - begin, 900ms);
  EXPECT_LE(now - begin, 1200ms);
  EXPECT_GE(both.counts(0).finished, 15u);
}

TEST_F(UplinkTest, AFrameInFlightIsCancelledWhenItCannotBeInTimeAnyMore) {
  push(1, 80'000);
  ASSERT_EQ(start(), 1u);
  EXPECT_EQ(cancel(), 0u);
  now += 20ms;
  uplink.on_sent(now, 0, 20'000);
  EXPECT_EQ(cancel(), 0u) << "60 of 90 ms";
  const Time gives_up = uplink.next_deadline(now);
  EXPECT_NEAR(milliseconds(gives_up - now), 30, 0.01);
  now = gives_up;
  const auto cancelled = uplink.next_cancel(now, kLink);
  ASSERT_TRUE(cancelled);
  EXPECT_EQ(cancelled->sent_bytes, 20'000);
  EXPECT_FALSE(cancelled->for_fresher);
  EXPECT_EQ(counts().cancelled_bytes, 20'000u);
  EXPECT_FALSE(uplink.next_turn(now));
}

TEST_F(UplinkTest, AFallOfTheLinkCancelsAtOnce) {
  push(1, 80'000);
  ASSERT_EQ(start(), 1u);
  EXPECT_EQ(cancel({.rate_bps = 4e6, .rtt = 40ms}), 1u);
}

TEST_F(UplinkTest, AFresherThatIsWorthMoreTakesTheLink) {
  push(1, 60'000);
  ASSERT_EQ(start(), 1u);
  now += 40ms;
  push(2, 60'000);
  uplink.on_sent(now, 0, 1000);  // the link was blocked: 59 of 70 ms left
  const auto cancelled = uplink.next_cancel(now, kLink);
  ASSERT_TRUE(cancelled);
  EXPECT_TRUE(cancelled->for_fresher);
  ASSERT_EQ(start(), 2u);
  now += 40ms;
  push(3, 60'000);
  EXPECT_EQ(cancel(), 0u) << "not twice in a row";
  uplink.on_sent(now, 0, 60'000);
  ASSERT_EQ(start(), 3u);
  EXPECT_EQ(counts().cancelled_for_fresher, 1u);
}

TEST_F(UplinkTest, AFresherDoesNotTakeTheLinkFromOneThatWillBeInTime) {
  push(1, 60'000);
  ASSERT_EQ(start(), 1u);
  now += 10ms;
  push(2, 60'000);
  EXPECT_EQ(cancel(), 0u) << "safe";
  now += 30ms;
  uplink.on_sent(now, 0, 31'000);
  EXPECT_EQ(cancel(), 0u) << "less than half left";
  EXPECT_EQ(cancel({.rate_bps = 4e6, .rtt = 40ms}), 0u) << "at risk now, but so is the fresher";
}

TEST_F(UplinkTest, CancellingAndNewestFirstCanBeSwitchedOff) {
  uplink = make({.cancel = false});
  push(1, 80'000);
  ASSERT_EQ(start(), 1u);
  now += 200ms;
  EXPECT_EQ(cancel(), 0u);
  uplink = make({.cancel = false, .newest_first = false});
  for (std::uint64_t id = 1; id <= 12; ++id) push(id, 200'000);
  EXPECT_EQ(counts().displaced, 4u) << "eight wait, the newer ones find no place";
  EXPECT_EQ(start(), 1u) << "the oldest, hopeless or not";
}

TEST_F(UplinkTest, AClosedServiceFinishesWhatItBeganAndStartsNothing) {
  push(1, 50'000);
  ASSERT_EQ(start(), 1u);
  uplink.set_allocation(now, 0, 0, 0);
  ASSERT_TRUE(uplink.next_turn(now));
  uplink.on_sent(now, 0, 50'000);
  push(2, 1000);
  EXPECT_EQ(start(), 0u);
  uplink.set_allocation(now, 0, 1e6);
  EXPECT_EQ(start(), 2u) << "opened while the frame was fresh";
}

TEST_F(UplinkTest, WithheldLeftoverMakesTheRateALimit) {
  uplink = make({.share_leftover = false, .cancel = false, .newest_first = false});
  uplink.set_allocation(now, 0, 2e6);
  push(1, 100'000, 10s);
  ASSERT_EQ(start(), 1u);
  const Time begin = now;
  while (counts().finished == 0) {
    if (const auto turn = uplink.next_turn(now)) {
      uplink.on_sent(now, 0, std::min<std::int64_t>(turn->max_bytes, 1200));
    } else {
      ASSERT_GT(uplink.next_deadline(now), now);
      now = uplink.next_deadline(now);
    }
  }
  EXPECT_NEAR(milliseconds(now - begin), 350, 10) << "12.5 kB saved at the old rate, the rest at 250 kB/s";
}

TEST_F(UplinkTest, AtMostOneTransferAServiceSharesTheLinkByGuarantee) {
  uplink = make({}, 2);
  uplink.set_allocation(now, 0, 6e6);
  uplink.set_allocation(now, 1, 2e6);
  push(1, 60'000, 1s, 0);
  push(2, 60'000, 1s, 1);
  ASSERT_EQ(start(), 1u);
  ASSERT_EQ(start(), 2u);
  double first = 0;
  for (int i = 0; i < 64; ++i, now += 1ms) {
    const auto turn = uplink.next_turn(now);
    first += turn->service == 0 ? 1 : 0;
    uplink.on_sent(now, turn->service, std::min<std::int64_t>(turn->max_bytes, 1000));
  }
  EXPECT_NEAR(first, 48, 3);
}

TEST_F(UplinkTest, ALostConnectionGivesUpWhatIsInFlightOnly) {
  push(1, 50'000);
  ASSERT_EQ(start(), 1u);
  push(2, 1000);
  uplink.on_disconnected(now);
  EXPECT_EQ(counts().abandoned, 1u);
  EXPECT_FALSE(uplink.next_turn(now));
  EXPECT_EQ(start(), 2u);
}

TEST_F(UplinkTest, WithoutAConnectionAHopelessFrameIsNoReasonToWakeUp) {
  now += 1s;
  push(1, 1'000'000);
  uplink = make();
  push(1, 1'000'000);
  EXPECT_EQ(start(), 0u);
  uplink.on_disconnected(now);
  EXPECT_EQ(uplink.next_deadline(now), now + 100ms);
}

TEST_F(UplinkTest, ARefusedServiceTakesNothingUntilTheNextConnection) {
  push(1, 50'000);
  ASSERT_EQ(start(), 1u);
  push(2, 1000);
  uplink.refuse(now, 0);
  push(3, 1000);
  EXPECT_EQ(start(), 0u);
  EXPECT_EQ(counts().dropped, 2u);
  EXPECT_EQ(counts().abandoned, 1u);
  EXPECT_TRUE(uplink.idle());
  uplink.on_disconnected(now);
  push(4, 1000);
  EXPECT_EQ(start(), 4u);
}

}  // namespace
}  // namespace turbo
