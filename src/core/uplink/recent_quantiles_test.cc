#include "core/uplink/recent_quantiles.h"

#include <gtest/gtest.h>

#include <cmath>

namespace turbo {
namespace {

TEST(RecentQuantiles, AreOfTheNearestRank) {
  RecentQuantiles recent;
  EXPECT_FALSE(recent.quantile(0.5).has_value());
  for (const double value : {4.0, 1.0, 3.0, 2.0}) recent.add(value);
  EXPECT_EQ(recent.quantile(0), 1);
  EXPECT_EQ(recent.quantile(0.5), 2);
  EXPECT_EQ(recent.quantile(0.51), 3);
  EXPECT_EQ(recent.quantile(1), 4);
}

TEST(RecentQuantiles, ForgetWhatIsOldAndTakeNothingThatIsNoNumber) {
  RecentQuantiles recent;
  for (int i = 0; i < 1'000; ++i) recent.add(i);
  recent.add(std::nan(""));
  EXPECT_EQ(recent.size(), 64u);
  EXPECT_EQ(recent.quantile(0), 936);
  EXPECT_EQ(recent.quantile(1), 999);
}

}  // namespace
}  // namespace turbo
