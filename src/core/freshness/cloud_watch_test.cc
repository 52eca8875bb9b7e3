#include "core/freshness/cloud_watch.h"

#include <random>

namespace turbo {
namespace {

using namespace std::chrono_literals;

Time at(int ms) { return Time{} + 1s + std::chrono::milliseconds(ms); }

TEST(CloudWatch, AnOutageIsNoticedAGraceAfterTheFirstMissedDeadline) {
  CloudWatch watch(50ms);
  EXPECT_FALSE(watch.next_deadline());
  watch.on_offloaded(1, at(200));
  watch.on_offloaded(2, at(300));
  EXPECT_EQ(watch.next_deadline(), at(200));
  watch.advance(at(200));
  EXPECT_FALSE(watch.out());
  EXPECT_EQ(watch.next_deadline(), at(250));
  watch.advance(at(249));
  EXPECT_FALSE(watch.out());
  watch.advance(at(250));
  EXPECT_TRUE(watch.out());
  EXPECT_FALSE(watch.next_deadline());
}

TEST(CloudWatch, TheFirstAnswerEndsItWhateverFrameItIsOf) {
  CloudWatch watch(50ms);
  for (const std::uint64_t answered : {1, 2, 99}) {
    watch.on_offloaded(1, at(200));
    watch.on_offloaded(2, at(300));
    watch.advance(at(260));
    ASSERT_TRUE(watch.out());
    watch.on_answer(answered);
    EXPECT_FALSE(watch.out()) << answered;
    watch.on_answer(2);
    EXPECT_FALSE(watch.next_deadline());
  }
}

TEST(CloudWatch, AFrameDroppedForAFresherOneIsNoOutage) {
  CloudWatch watch(50ms);
  watch.on_offloaded(1, at(200));
  watch.on_offloaded(2, at(300));
  watch.on_answer(2);
  watch.advance(at(1000));
  EXPECT_FALSE(watch.out());
  EXPECT_FALSE(watch.next_deadline());
  // Answered within the grace: late, but the cloud is there.
  watch.on_offloaded(3, at(1200));
  watch.advance(at(1230));
  watch.on_answer(3);
  watch.advance(at(1300));
  EXPECT_FALSE(watch.out());
}

TEST(CloudWatch, AFrameThatWasNotTakenIsNotAwaited) {
  CloudWatch watch(50ms);
  watch.on_offloaded(1, at(200));
  watch.on_withdrawn(1);
  watch.advance(at(1000));
  EXPECT_FALSE(watch.out());
}

TEST(CloudWatch, WhatWasSentDuringAnOutageDoesNotBringItBack) {
  CloudWatch watch(50ms);
  for (int id = 0; id < 1000; ++id) {
    watch.on_offloaded(static_cast<std::uint64_t>(id), at(200 + 30 * id));
    watch.advance(at(30 * id));
  }
  EXPECT_TRUE(watch.out());
  watch.on_answer(999);
  watch.advance(at(100'000));
  EXPECT_FALSE(watch.out());
}

// With answers missing at random, it is out exactly while no answer has come since a miss of more than the
// grace ago.
TEST(CloudWatch, AgreesWithItsRule) {
  std::mt19937 random(5);
  CloudWatch watch(50ms);
  constexpr int kNone = 1 << 30;
  int missed = kNone;  // deadline
  std::deque<std::pair<std::uint64_t, int>> open;
  std::uint64_t next = 1;
  for (int t = 0; t < 50'000; ++t) {
    if (t % 33 == 0) {
      watch.on_offloaded(next, at(t + 200));
      open.emplace_back(next++, t + 200);
    }
    const bool outage = (t / 2000) % 2 == 1;
    if (!open.empty() && random() % (outage ? 3000 : 40) == 0) {
      const auto answered = open[random() % open.size()].first;
      watch.on_answer(answered);
      missed = kNone;
      while (!open.empty() && open.front().first <= answered) open.pop_front();
    }
    for (; !open.empty() && open.front().second <= t; open.pop_front())
      if (missed == kNone) missed = open.front().second;
    watch.advance(at(t));
    ASSERT_EQ(watch.out(), t >= missed + 50) << t;
  }
}

}  // namespace
}  // namespace turbo
