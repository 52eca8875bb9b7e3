#include "core/planning/rtt_window.h"

#include <gtest/gtest.h>

#include <cmath>

namespace turbo {
namespace {

Time at(double s) { return Time(from_seconds(s)); }

TEST(RttWindow, PlansWithTheMedianOfTheRecentOnes) {
  RttWindow window;
  EXPECT_EQ(window.planned_ms(at(0), 33), 33);
  for (int i = 1; i <= 10; ++i) window.add(at(i * 0.5), i % 2 == 0 ? 40 + i : 40);
  EXPECT_EQ(window.planned_ms(at(5), 50), 40);
}

TEST(RttWindow, OneOutlierDoesNotCountTwoInARowDo) {
  RttWindow window;
  window.add(at(1), 40);
  window.add(at(1.5), 300);
  EXPECT_EQ(window.planned_ms(at(1.5), 300), 40);
  window.add(at(2), 280);
  EXPECT_EQ(window.planned_ms(at(2), 280), 280);
}

TEST(RttWindow, ForgetsWhatIsOld) {
  RttWindow window;
  for (int i = 0; i < 100; ++i) window.add(at(i * 0.5), 200);
  for (int i = 0; i < 16; ++i) window.add(at(60 + i * 0.5), 50);
  EXPECT_EQ(window.planned_ms(at(67.5), 50), 50);
  EXPECT_EQ(window.planned_ms(at(100), 45), 45);
}

TEST(RttWindow, IgnoresWhatIsNoTime) {
  RttWindow window;
  window.add(at(1), 40);
  for (const double wrong : {-1.0, std::nan(""), HUGE_VAL, 1e7}) window.add(at(1), wrong);
  EXPECT_EQ(window.planned_ms(at(1), 99), 40);
}

}  // namespace
}  // namespace turbo
