#include "core/planning/measured_factor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace turbo {
namespace {

constexpr Duration kPeriod = std::chrono::milliseconds(500);

void measure(MeasuredFactor& factor, std::size_t kind, double ratio, int times) {
  for (int i = 0; i < times; ++i) {
    factor.observe(kind, ratio);
    factor.settle(kPeriod);
  }
}

TEST(MeasuredFactor, OneKindSaysMuchOfTheOthersThatShare) {
  MeasuredFactor factor({true, true, false});
  EXPECT_EQ(factor.factor(0), 1);
  measure(factor, 0, 2, 10);
  EXPECT_NEAR(factor.factor(0), 2, 0.15);
  EXPECT_NEAR(factor.factor(1), std::pow(2, 0.8), 0.15);
  EXPECT_EQ(factor.factor(2), 1);
  measure(factor, 2, 0.5, 10);
  EXPECT_NEAR(factor.factor(2), 0.5, 0.05);
  EXPECT_NEAR(factor.factor(0), 2, 0.5);
}

TEST(MeasuredFactor, IsForgottenSlowly) {
  MeasuredFactor factor({true});
  measure(factor, 0, 3, 20);
  for (int i = 0; i < 10; ++i) factor.settle(kPeriod);
  EXPECT_GT(factor.factor(0), 2);
  for (int i = 0; i < 400; ++i) factor.settle(kPeriod);
  EXPECT_LT(factor.factor(0), 1.1);
}

TEST(MeasuredFactor, NoiseDoesNotMoveWhatIsSaid) {
  MeasuredFactor factor({true});
  std::mt19937 random(4);
  std::normal_distribution<double> noise(0, 0.03);
  int changes = 0;
  for (int i = 0; i < 1000; ++i) {
    const double before = factor.factor(0);
    measure(factor, 0, 1.3 * std::exp(noise(random)), 1);
    if (i > 20 && factor.factor(0) != before) ++changes;
  }
  EXPECT_LT(changes, 50);
  EXPECT_NEAR(factor.factor(0), 1.3, 0.1);
}

TEST(MeasuredFactor, WhatIsNoRatioDoesNotCountAndTheAbsurdIsBounded) {
  MeasuredFactor factor({true});
  for (const double wrong : {0.0, -1.0, std::nan(""), HUGE_VAL}) measure(factor, 0, wrong, 5);
  EXPECT_EQ(factor.factor(0), 1);
  measure(factor, 0, 1e300, 50);
  EXPECT_NEAR(factor.factor(0), 20, 1.5);
}

}  // namespace
}  // namespace turbo
