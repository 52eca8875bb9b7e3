#include "core/planning/live_policy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "core/planning/planner.h"
#include "core/planning/policy_names.h"

namespace turbo {
namespace {

constexpr const char* kTable =
    "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n"
    "td1-imgcompNone-inpcompNone,0,5,0.20\n"
    "td2-imgcompNone-inpcomp50,0.4,30,0.40\n"
    "td2-imgcompNone-inpcomp90,0.8,30,0.50\n"
    "td3-imgcompNone-inpcomp50,0.6,60,0.55\n"
    "td3-imgcompNone-inpcomp50-fps2,0.6,60,0.30\n"
    "td3-imgcompNone-inpcompNone,6,60,0.60\n";
const std::string kVehicle = "td1-imgcompNone-inpcompNone", kSmall = "td2-imgcompNone-inpcomp50",
                  kMiddle = "td2-imgcompNone-inpcomp90", kLarge = "td3-imgcompNone-inpcomp50",
                  kSeldom = "td3-imgcompNone-inpcomp50-fps2", kRaw = "td3-imgcompNone-inpcompNone";

std::vector<Service> services(const std::vector<int>& ids) {
  std::vector<Service> out;
  for (const int id : ids)
    out.push_back({.id = id, .options = options_of(parse_model_table(kTable, "t"), "td1", 10)});
  return out;
}

ServiceReport measured(int id, const std::string& config, double megabits, double server_ms) {
  const double bytes = megabits * 1e6 / 8;
  return {.service_id = id,
          .config = config,
          .finished = 5,
          .in_time = 5,
          .frame_bytes = Quantiles{bytes, bytes},
          .server_ms = Quantiles{server_ms, server_ms},
          .cloud_ms = Quantiles{server_ms, server_ms}};
}

class Live {
 public:
  explicit Live(const std::vector<int>& ids = {1}) : policy_(make_policy("live", services(ids))) {}
  void report(const std::vector<ServiceReport>& reports, int times = 1) {
    for (int i = 0; i < times; ++i) {
      now_ += std::chrono::milliseconds(500);
      LinkReport link{.bandwidth_mbps = 50, .rtt_ms = 40};
      link.services = reports;
      told_ = policy_->services(now_, link);
      EXPECT_EQ(fault_in(told_), "");
    }
  }
  const ModelOption& option(const std::string& config, std::size_t service = 0) const {
    for (const ModelOption& one : told_[service].options)
      if (one.config == config) return one;
    throw std::out_of_range(config);
  }
  bool held(const std::string& config, std::size_t service = 0) const {
    const auto& options = told_[service].options;
    const auto index = static_cast<std::size_t>(&option(config, service) - options.data());
    EXPECT_EQ(policy_->held_off(service, index), std::isinf(options[index].runtime_ms));
    return policy_->held_off(service, index);
  }

 private:
  std::unique_ptr<UtilityPolicy> policy_;
  std::span<const Service> told_;
  Time now_{};
};

ServiceReport outcome(int id, const std::string& config, int finished, int in_time) {
  return {.service_id = id, .config = config, .finished = finished, .in_time = in_time};
}

TEST(LivePolicy, ASceneThatCompressesBadlyCountsForAllCompressedFrames) {
  Live live({1, 2});
  live.report({measured(1, kSmall, 0.8, 30)}, 10);
  EXPECT_NEAR(live.option(kSmall).size_megabits, 0.8, 0.05);
  EXPECT_NEAR(live.option(kLarge).size_megabits, 0.6 * std::pow(2, 0.8), 0.1);
  EXPECT_EQ(live.option(kRaw).size_megabits, 6);
  EXPECT_EQ(live.option(kVehicle).size_megabits, 0);
  EXPECT_EQ(live.option(kLarge, 1).size_megabits, 0.6);  // another camera's scene
}

TEST(LivePolicy, ABusyServerCountsForAllModels) {
  Live live;
  live.report({measured(1, kSmall, 0.4, 60)}, 10);
  EXPECT_NEAR(live.option(kSmall).runtime_ms, 60, 3);
  EXPECT_NEAR(live.option(kLarge).runtime_ms, 60 * std::pow(2, 0.8), 6);
  EXPECT_EQ(live.option(kVehicle).runtime_ms, 1);
  live.report({}, 600);
  EXPECT_NEAR(live.option(kSmall).runtime_ms, 30, 3.5);
}

TEST(LivePolicy, FramesOfAnotherRateAreTheSameFrames) {
  Live live;
  live.report({measured(1, kLarge, 1.2, 60)}, 10);
  EXPECT_EQ(live.option(kSeldom).size_megabits, live.option(kLarge).size_megabits);
}

TEST(LivePolicy, PlansWithTheMedianWhateverTheTail) {
  Live live;
  ServiceReport report = measured(1, kSmall, 0.4, 30);
  report.server_ms = report.cloud_ms = Quantiles{45, 400};
  live.report({report}, 20);
  EXPECT_NEAR(live.option(kSmall).runtime_ms, 45, 3);
}

TEST(LivePolicy, FewFramesSayNothing) {
  Live live;
  ServiceReport report = measured(1, kSmall, 4, 300);
  report.finished = report.in_time = 1;
  live.report({report}, 2);
  EXPECT_EQ(live.option(kSmall).size_megabits, 0.4);
}

TEST(LivePolicy, AChoiceThatKeepsMissingIsLeftAtTheSecondDecision) {
  Live live;
  live.report({outcome(1, kMiddle, 5, 1)});  // one of ten
  EXPECT_FALSE(live.held(kMiddle));
  live.report({outcome(1, kMiddle, 5, 0)});
  EXPECT_TRUE(live.held(kMiddle));
  EXPECT_TRUE(live.held(kLarge));  // 0.6 Mb in 50 ms is more than 0.8 in 80
  EXPECT_TRUE(live.held(kSeldom));
  EXPECT_TRUE(live.held(kRaw));
  EXPECT_FALSE(live.held(kSmall));
}

TEST(LivePolicy, MissesThatDoNotFollowOneAnotherAreNoReason) {
  Live live;
  for (int i = 0; i < 20; ++i) {
    live.report({outcome(1, kMiddle, 5, i % 2 == 0 ? 1 : 5)});
    EXPECT_FALSE(live.held(kMiddle));
  }
  live.report({outcome(1, kMiddle, 1, 1), outcome(1, kMiddle, 50, 0)},
              2);  // it stands twice: the first counts
  EXPECT_FALSE(live.held(kMiddle));
}

int periods_until_free(Live& live) {
  int periods = 0;
  for (; live.held(kMiddle); ++periods) live.report({});
  return periods;
}

TEST(LivePolicy, TheHoldOffDoublesAndIsForgottenAfterSuccess) {
  Live live;
  std::vector<int> lengths;
  for (int i = 0; i < 8; ++i) {
    live.report({outcome(1, kMiddle, 5, 0)}, 2);
    lengths.push_back(periods_until_free(live));
  }
  EXPECT_EQ(lengths, (std::vector<int>{2, 4, 8, 16, 32, 64, 120, 120}));
  live.report({outcome(1, kSmall, 5, 5)}, 10);  // needs less: says nothing of it
  live.report({outcome(1, kMiddle, 5, 0)}, 2);
  EXPECT_EQ(periods_until_free(live), 120);
  live.report({outcome(1, kLarge, 5, 5)}, 4);
  live.report({outcome(1, kMiddle, 5, 0)}, 2);
  EXPECT_EQ(periods_until_free(live), 2);
}

TEST(LivePolicy, WhenAllMissTogetherItIsTheLinkAndTheHoldOffStaysShort) {
  Live live({1, 2});
  for (int i = 0; i < 5; ++i) {
    live.report({outcome(1, kMiddle, 5, 0), outcome(2, kSmall, 11, 1)}, 2);
    EXPECT_TRUE(live.held(kMiddle));
    EXPECT_TRUE(live.held(kSmall, 1));
    EXPECT_EQ(periods_until_free(live), 2);
  }
}

// How likely a choice is in time, and what else to choose, is weighed elsewhere.
TEST(LivePolicy, AChoiceThatIsInTimeNowAndThenIsNotLeft) {
  Live live;
  live.report({outcome(1, kMiddle, 5, 1)}, 20);
  EXPECT_FALSE(live.held(kMiddle));
}

TEST(LivePolicy, AtALowRateTwoFramesAreEnough) {
  Live seldom;
  seldom.report({outcome(1, kSeldom, 1, 0)}, 2);
  EXPECT_TRUE(seldom.held(kSeldom));
}

TEST(LivePolicy, OutagesOfAnOnlyCameraAreTheLinks) {
  Live live;
  for (int i = 0; i < 4; ++i) {
    live.report({outcome(1, kMiddle, 5, 0)}, 2);
    EXPECT_EQ(periods_until_free(live), 2);
    live.report({outcome(1, kMiddle, 5, 5)}, 30);
  }
}

TEST(LivePolicy, MissesOfAllDoNotShortenALongHoldOff) {
  Live live({1, 2});
  for (int i = 0; i < 4; ++i) {
    live.report({outcome(1, kMiddle, 5, 0), outcome(2, kSmall, 5, 5)}, 2);
    if (i < 3) periods_until_free(live);
  }
  live.report({outcome(1, kSmall, 5, 0), outcome(2, kSmall, 5, 0)}, 2);
  EXPECT_TRUE(live.held(kSmall));
  live.report({}, 2);
  EXPECT_FALSE(live.held(kSmall));
  EXPECT_EQ(periods_until_free(live), 12);
}

TEST(LivePolicy, AMissBeforeAPauseIsForgotten) {
  Live live;
  live.report({outcome(1, kMiddle, 5, 0)});
  live.report({}, 6);
  live.report({outcome(1, kMiddle, 5, 0)});
  EXPECT_FALSE(live.held(kMiddle));
}

TEST(LivePolicy, WhatIsWrongInAReportDoesNotCount) {
  Live live;
  const std::vector<Quantiles> wrong{{std::nan(""), 1}, {1, std::nan("")}, {-1, 5}, {0, 0}, {5, 1},
                                     {1, HUGE_VAL},     {1e12, 1e12}};
  for (const Quantiles& quantiles : wrong) {
    ServiceReport report = measured(1, kSmall, 0.4, 30);
    report.frame_bytes = report.server_ms = report.cloud_ms = quantiles;
    live.report({report}, 3);
  }
  for (const auto& [finished, in_time] : {std::pair{5, 6}, {-5, -5}, {5, -1}, {1 << 30, 0}})
    live.report({outcome(1, kSmall, finished, in_time)}, 3);
  live.report({outcome(9, kSmall, 5, 0), outcome(1, "", 5, 0),
               outcome(1, "td9-imgcompNone-inpcompNone", 5, 0), outcome(1, kVehicle, 5, 0)},
              3);
  const auto table = services({1});
  for (const ModelOption& option : table[0].options) {
    EXPECT_EQ(live.option(option.config).size_megabits, option.size_megabits);
    EXPECT_EQ(live.option(option.config).runtime_ms, option.runtime_ms);
  }
}

// The planner with it, on a steady link whose measurements are noisy about a step of the curve.
TEST(LivePolicy, NoisyMeasurementsDoNotMakeChoicesFlap) {
  std::mt19937 random(5);
  std::normal_distribution<double> noise;
  Planner planner({}, make_policy("live", services({1})), make_allocator("exact"), make_budget("share:0.9"));
  std::string last = kVehicle;
  int changes = 0;
  for (int i = 0; i < 2000; ++i) {
    LinkReport link{.bandwidth_mbps = 12 * std::exp(0.02 * noise(random)),
                    .rtt_ms = 40 * std::exp(0.03 * noise(random))};
    if (last != kVehicle)
      link.services = {
          measured(1, last, 0.8 * std::exp(0.03 * noise(random)), 30 * std::exp(0.03 * noise(random)))};
    const auto decision = planner.decide(Time(std::chrono::milliseconds(500) * i), link);
    changes += decision->services[0].config != last ? 1 : 0;
    last = decision->services[0].config;
  }
  EXPECT_LT(changes, 40);
}

}  // namespace
}  // namespace turbo
