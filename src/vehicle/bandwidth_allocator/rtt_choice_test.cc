#include "vehicle/bandwidth_allocator/rtt_choice.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

TEST(RttChoice, TakesTheMedianOfThreePings) {
  RttChoice rtt;
  EXPECT_EQ(rtt.choose(40, 90), 40);
  EXPECT_EQ(rtt.choose(1000, 90), 40);  // one lost
  EXPECT_EQ(rtt.choose(42, 90), 42);
  EXPECT_EQ(rtt.choose(88, 90), 88);  // of 1000, 42, 88
  EXPECT_EQ(rtt.choose(43, 90), 43);
  EXPECT_FALSE(rtt.from_quic());
}

TEST(RttChoice, TakesQuicsWhereNoPingComesBack) {
  RttChoice rtt;
  EXPECT_EQ(rtt.choose(1000, 55), 55);
  EXPECT_TRUE(rtt.from_quic());
  EXPECT_EQ(rtt.choose(std::nullopt, 56), 56);
  EXPECT_EQ(rtt.choose(std::nullopt, 0), RttChoice::kLostMs);  // nobody knows: not offloaded
  EXPECT_EQ(rtt.choose(5000, 0), RttChoice::kLostMs);
  EXPECT_EQ(rtt.choose(40, 60), 40);
  EXPECT_FALSE(rtt.from_quic());
}

}  // namespace
}  // namespace turbo
