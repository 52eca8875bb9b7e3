#include "core/scheduling/token_bucket.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace turbo {
namespace {

Time at(int ms) { return Time{} + std::chrono::milliseconds(ms); }

TEST(TokenBucket, StartsFullAndRefillsAtItsRate) {
  TokenBucket bucket(at(0), 8e6);  // 1 MB/s, 100 kB deep
  EXPECT_EQ(bucket.available(at(0)), 100'000);
  bucket.take(at(0), 100'000);
  EXPECT_EQ(bucket.available(at(0)), 0);
  EXPECT_EQ(bucket.available(at(20)), 20'000);
  EXPECT_EQ(bucket.available(at(5000)), 100'000);
}

TEST(TokenBucket, WaitsAreLongEnoughAndNotLonger) {
  TokenBucket bucket(at(0), 8e6);
  bucket.take(at(0), 100'000);
  const Duration wait = bucket.time_until(at(0), 1500);
  EXPECT_NEAR(turbo::milliseconds(wait), 1.5, 0.001);
  EXPECT_GE(bucket.available(at(0) + wait), 1500);
  EXPECT_EQ(bucket.time_until(at(50), 1500), Duration::zero());
  EXPECT_NEAR(turbo::milliseconds(bucket.time_until(at(0), 1 << 30)), 100, 0.001);  // no more than the depth
}

TEST(TokenBucket, DebtIsPaidFirst) {
  TokenBucket bucket(at(0), 8e5);  // 100 kB/s, 10 kB deep
  bucket.take(at(0), 11'000);
  EXPECT_EQ(bucket.available(at(5)), 0);
  EXPECT_EQ(bucket.available(at(25)), 1500);
}

TEST(TokenBucket, ARateOfNothingClosesIt) {
  TokenBucket bucket(at(0), 8e6);
  for (const double rate : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    bucket.set_rate(at(0), rate);
    EXPECT_EQ(bucket.available(at(1000)), 0) << rate;
    EXPECT_EQ(bucket.time_until(at(1000), 1), Duration::max()) << rate;
  }
  bucket.set_rate(at(2000), 80e3);  // 1 kB deep by its rate: one packet at least
  EXPECT_EQ(bucket.available(at(9000)), 1500);
}

TEST(TokenBucket, LongRunNeverExceedsTheRate) {
  std::mt19937 random(3);
  TokenBucket bucket(at(0), 5e6);
  Time now = at(0);
  double sent = 0;
  while (now < at(20'000)) {
    const std::int64_t bytes = 200 + static_cast<std::int64_t>(random() % 1300);
    const Duration wait = bucket.time_until(now, bytes);
    if (wait > Duration::zero()) {
      now += wait;
      continue;
    }
    bucket.take(now, bytes);
    sent += static_cast<double>(bytes);
  }
  EXPECT_NEAR(sent * 8 / 20, 5e6, 5e6 * 0.01);
}

}  // namespace
}  // namespace turbo
