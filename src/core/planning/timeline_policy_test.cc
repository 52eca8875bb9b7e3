#include "core/planning/timeline_policy.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace turbo {
namespace {

std::vector<Service> one_service() {
  return {{.id = 1,
           .options = {
               {.config = "v-imgcompNone-inpcompNone", .runtime_ms = 1, .utility = 0.2, .on_vehicle = true},
               {.config = "m-imgcompNone-inpcomp50", .size_megabits = 1, .runtime_ms = 50, .utility = 0.4}}}};
}

// Three windows of two frames, 100 ms apart.
UtilityTimeline timeline() {
  return {.scenario = "a",
          .window_size = 2,
          .windows = {{0, 100'000, 0, 1}, {200'000, 300'000, 2, 3}, {400'000, 500'000, 4, 5}},
          .utilities = {{0.1, 0.5}, {0.2, 0.6}, {0.3, 0.7}}};
}

double cloud_utility(TimelinePolicy& policy, int at_ms) {
  return policy.services(Time(std::chrono::milliseconds(1000 + at_ms)), {})[0].options[1].utility;
}

constexpr Time kStart{std::chrono::milliseconds(1000)};

TEST(TimelinePolicy, TheRecentPastIsTheLastWindowThatHasEnded) {
  TimelinePolicy policy(one_service(), timeline(), TimelinePolicy::View::kRecent, kStart);
  EXPECT_EQ(cloud_utility(policy, 0), 0.4);
  EXPECT_EQ(cloud_utility(policy, 100), 0.4);
  EXPECT_EQ(cloud_utility(policy, 101), 0.5);
  EXPECT_EQ(cloud_utility(policy, 300), 0.5);
  EXPECT_EQ(cloud_utility(policy, 450), 0.6);
  EXPECT_EQ(cloud_utility(policy, 9000), 0.7);
}

TEST(TimelinePolicy, TheOracleKnowsThePresent) {
  TimelinePolicy policy(one_service(), timeline(), TimelinePolicy::View::kPresent, kStart);
  EXPECT_EQ(cloud_utility(policy, 0), 0.5);
  EXPECT_EQ(cloud_utility(policy, 199), 0.5);
  EXPECT_EQ(cloud_utility(policy, 200), 0.6);
  EXPECT_EQ(cloud_utility(policy, 9000), 0.7);
}

TEST(TimelinePolicy, WhatDoesNotFitTogetherIsRefused) {
  const auto refused = [](UtilityTimeline wrong) {
    EXPECT_THROW(TimelinePolicy(one_service(), wrong, TimelinePolicy::View::kRecent, kStart),
                 std::invalid_argument);
  };
  auto wrong = timeline();
  wrong.utilities[1].pop_back();
  refused(wrong);
  wrong = timeline();
  wrong.windows.pop_back();
  refused(wrong);
  wrong = timeline();
  std::swap(wrong.windows[0], wrong.windows[1]);
  refused(wrong);
  refused({});
}

}  // namespace
}  // namespace turbo
