#include "core/planning/promise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

#include "core/planning/policy_names.h"

namespace turbo {
namespace {

Time at(double s) { return Time(from_seconds(s)); }

LinkReport link(double mbps, double low_mbps, int finished = 0, int in_time = 0) {
  LinkReport report{
      .bandwidth_mbps = mbps, .low_mbps = low_mbps, .high_mbps = 2 * mbps - low_mbps, .rtt_ms = 40};
  report.services = {{.service_id = 1, .config = "any", .all_finished = finished, .all_in_time = in_time}};
  return report;
}

TEST(Promise, AWiderIntervalAndAHigherPromiseLeaveLess) {
  const auto budget = [](double probability, double low_mbps) {
    return Promise(probability).budget_mbps(at(0), link(20, low_mbps));
  };
  EXPECT_LT(budget(0.9, 18), 20);
  EXPECT_LT(budget(0.9, 10), budget(0.9, 18));
  EXPECT_LT(budget(0.95, 18), budget(0.9, 18));
  EXPECT_GT(budget(0.95, 10), 0);
}

TEST(Promise, StatesTheForecastForWhatIsNeeded) {
  Promise promise(0.9);
  const double budget_mbps = promise.budget_mbps(at(0), link(20, 16));
  EXPECT_NEAR(*promise.promise(budget_mbps), 0.9, 1e-9);
  EXPECT_GT(*promise.promise(budget_mbps / 2), 0.95);
  EXPECT_LT(*promise.promise(20), 0.7);
  EXPECT_FALSE(promise.promise(0));  // nothing is sent: nothing is promised
}

// Frames are in time with a probability that has nothing to do with the first forecast.
TEST(Promise, WhatIsPromisedComesTrueOnAverage) {
  for (const double truth : {0.98, 0.9, 0.75, 0.4}) {
    Promise promise(0.9);
    std::mt19937 random(2);
    double promised = 0, attained = 0;
    int finished = 0, in_time = 0;
    for (int i = 0; i < 280; ++i) {
      promise.budget_mbps(at(i * 0.5), link(20, 16, finished, in_time));
      promised += *promise.promise(15);
      finished = 15;
      in_time = std::binomial_distribution<int>(15, truth)(random);
      attained += in_time / 15.0;
    }
    EXPECT_NEAR(promised / 280, attained / 280, 0.02) << truth;
  }
}

TEST(Promise, LateFramesMakeTheBudgetSmallerButNeverNothing) {
  Promise promise(0.9);
  const double first = promise.budget_mbps(at(0), link(20, 16));
  promise.promise(first);
  for (int i = 1; i < 200; ++i) {
    promise.budget_mbps(at(i * 0.5), link(20, 16, 10, 0));
    promise.promise(first);
  }
  const double then = promise.budget_mbps(at(100), link(20, 16));
  EXPECT_LT(then, first * 0.9);
  EXPECT_GT(then, 1);
}

TEST(Promise, WhatIsWrongInAReportDoesNotCount) {
  Promise right(0.9), wrong(0.9);
  for (int i = 0; i < 10; ++i) {
    right.budget_mbps(at(i), link(20, 16));
    right.promise(10);
    for (const auto& [finished, in_time] : {std::pair{5, 6}, {-5, -5}, {5, -1}, {1 << 30, 0}}) {
      wrong.budget_mbps(at(i), link(20, 16, finished, in_time));
      wrong.promise(10);
    }
  }
  EXPECT_EQ(right.budget_mbps(at(10), link(20, 16)), wrong.budget_mbps(at(10), link(20, 16)));
  for (const double low_mbps : {std::nan(""), -1.0, 0.0, 30.0, HUGE_VAL}) {
    const double budget_mbps = Promise(0.9).budget_mbps(at(0), link(20, low_mbps));
    EXPECT_GT(budget_mbps, 1) << low_mbps;
    EXPECT_LT(budget_mbps, 20) << low_mbps;
  }
  EXPECT_EQ(Promise(0.9).budget_mbps(at(0), link(std::nan(""), 1)), 0);
  EXPECT_EQ(Promise(0.9).budget_mbps(at(0), link(0, 0)), 0);
}

TEST(Promise, TheSameReportsGiveTheSameBudgets) {
  Promise one(0.9), other(0.9);
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    const double mbps = 1 + static_cast<double>(random() % 1000) / 20;
    const LinkReport report = link(mbps, mbps * 0.8, 5, static_cast<int>(random() % 6));
    EXPECT_EQ(one.budget_mbps(at(i * 0.5), report), other.budget_mbps(at(i * 0.5), report));
    EXPECT_EQ(one.promise(mbps / 2), other.promise(mbps / 2));
  }
}

TEST(PolicyNames, AreAsWritten) {
  EXPECT_EQ(make_policy("static", {})->name(), "static");
  EXPECT_EQ(make_policy("live", {})->name(), "live");
  EXPECT_EQ(make_budget("share", 0.9)->name(), "share");
  EXPECT_EQ(make_budget("promise", 0.9)->name(), "promise");
  EXPECT_THROW(make_policy("dead", {}), std::invalid_argument);
  EXPECT_THROW(make_budget("all", 0.9), std::invalid_argument);
  EXPECT_THROW(make_budget("share", 1.5), std::invalid_argument);
  for (const double wrong : {0.4, 1.0, std::nan("")})
    EXPECT_THROW(make_budget("promise", wrong), std::invalid_argument);
}

}  // namespace
}  // namespace turbo
