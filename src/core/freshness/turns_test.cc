#include "core/freshness/turns.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace turbo {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart{1'000'000s + 17ms};

// The numbers of those frames of `count` at `camera_rate` that are sent.
std::vector<int> sent(Turns turns, double rate, double camera_rate, int count) {
  std::vector<int> out;
  for (int i = 0; i < count; ++i)
    if (turns.take(kStart + from_seconds(i / camera_rate), rate)) out.push_back(i);
  return out;
}

TEST(Turns, WithoutARateEveryFrameIsSent) { EXPECT_EQ(sent(Turns(0, 1), 0, 5, 20).size(), 20u); }

TEST(Turns, AsManyASecondAsTheRateSays) {
  for (const double rate : {0.5, 1.0, 2.0, 2.5, 4.0, 7.3})
    for (const double camera_rate : {8.0, 10.0, 29.97}) {
      const auto frames = sent(Turns(1, 3), rate, camera_rate, static_cast<int>(camera_rate * 100));
      EXPECT_NEAR(static_cast<double>(frames.size()), 100 * rate, 1) << rate << " of " << camera_rate;
    }
  EXPECT_GE(sent(Turns(0, 1), 10, 5, 100).size(), 99u) << "a rate above the camera's: every frame";
}

TEST(Turns, AreEvenlySpread) {
  const auto frames = sent(Turns(0, 1), 2, 10, 100);
  for (std::size_t i = 1; i < frames.size(); ++i) EXPECT_EQ(frames[i] - frames[i - 1], 5);
}

TEST(Turns, OfEqualRatesDoNotMeet) {
  for (const int services : {2, 3, 5}) {
    std::set<int> all;
    std::size_t count = 0;
    for (int place = 0; place < services; ++place) {
      const auto frames = sent(Turns(place, services), 1, services, 20 * services);
      EXPECT_GE(frames.size(), 19u);
      all.insert(frames.begin(), frames.end());
      count += frames.size();
    }
    EXPECT_EQ(all.size(), count) << services;
  }
}

TEST(Turns, AnotherRateBeginsWithTheNextTurn) {
  Turns turns(0, 1);
  EXPECT_FALSE(turns.take(Time(100'200ms), 1));
  EXPECT_FALSE(turns.take(Time(100'400ms), 1));
  EXPECT_TRUE(turns.take(Time(101'000ms), 1));
  EXPECT_FALSE(turns.take(Time(101'200ms), 2));
  EXPECT_FALSE(turns.take(Time(101'400ms), 2));
  EXPECT_TRUE(turns.take(Time(101'600ms), 2));
  EXPECT_FALSE(turns.take(Time(101'800ms), 2));
  EXPECT_TRUE(turns.take(Time(102'000ms), 2));
}

}  // namespace
}  // namespace turbo
