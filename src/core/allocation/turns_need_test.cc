#include "core/allocation/turns_need.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/allocation/allocator.h"
#include "core/freshness/turns.h"

namespace turbo {
namespace {

// 60 ms are left under an RTT of 40: 10 Mbps for "s", 20 for "m". Of 10 frames a second 2 may be sent.
Service camera(int id, double staleness_cost_per_s = 0.1) {
  Service service{
      .id = id,
      .options = {
          {.config = "v-imgcompNone-inpcompNone", .runtime_ms = 1, .utility = 0.2, .on_vehicle = true},
          {.config = "s-imgcompNone-inpcomp50", .size_megabits = 0.6, .runtime_ms = 50, .utility = 0.4},
          {.config = "m-imgcompNone-inpcomp50", .size_megabits = 1.2, .runtime_ms = 50, .utility = 0.5}}};
  add_frame_rates(service, std::vector<double>{2, 5}, staleness_cost_per_s);
  return service;
}

std::vector<Service> cameras(int count) {
  std::vector<Service> services;
  for (int id = 1; id <= count; ++id) services.push_back(camera(id));
  return services;
}

std::string chosen(const std::vector<Service>& services, const Allocation& got) {
  std::string text;
  for (std::size_t i = 0; i < services.size(); ++i) {
    const ModelOption& option = services[i].options[*got.options[i]];
    text += option.config[0];
    if (option.duty < 1) text += std::to_string(std::lround(option.duty * 10));
  }
  return text;
}

TEST(TurnsNeed, TurnsShareWhatOneOfThemNeeds) {
  const auto services = cameras(3);
  const Allocation got = make_allocator("exact")->allocate({services, 20, 40});
  EXPECT_EQ(chosen(services, got), "m2m2m2");
  EXPECT_NEAR(got.total_needed_mbps, 20, 1e-9);
  EXPECT_EQ(chosen(services, make_allocator("exact")->allocate({services, 19.9, 40})), "s2s2s2");
  EXPECT_EQ(chosen(services, make_allocator("exact")->allocate({services, 40, 40})), "mm2m2");
  EXPECT_EQ(chosen(services, make_allocator("exact")->allocate({services, 60, 40})), "mmm");
  EXPECT_EQ(chosen(services, make_allocator("exact")->allocate({services, 9.9, 40})), "vvv");
}

// 2 x 4 frames a second come every 125 ms; a frame's time and its sending take 160.
TEST(TurnsNeed, WhereTurnsMightMeetEachNeedsItsOwn) {
  const auto four = cameras(4);
  const ModelOption& slow = four[0].options[3];
  ASSERT_EQ(slow.config, "s-imgcompNone-inpcomp50-fps2");
  EXPECT_TRUE(keeps_apart(four[0], slow, 3, 40));
  EXPECT_FALSE(keeps_apart(four[0], slow, 4, 40));
  EXPECT_FALSE(keeps_apart(four[0], four[0].options[4], 2, 40));  // 5 frames a second
  const std::vector<std::optional<std::size_t>> all(4, 3);
  EXPECT_NEAR(*needed_together_mbps(four, all, 40), 40, 1e-9);
  EXPECT_NEAR(*needed_together_mbps(std::span(four).first(3), std::span(all).first(3), 40), 10, 1e-9);
}

// Whenever the cameras take their frames, no two of those that are sent are on their way at once.
TEST(TurnsNeed, FramesThatAreKeptApartNeverMeet) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> phase_s(0, 0.1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::pair<double, std::size_t>> sent;  // when, whose
    for (std::size_t place = 0; place < 3; ++place) {
      Turns turns(static_cast<int>(place), 3);
      const double phase = phase_s(random);
      for (int frame = 0; frame < 200; ++frame) {
        const double at = 1000 + phase + frame * 0.1;
        if (turns.take(Time(from_seconds(at)), 2)) sent.push_back({at, place});
      }
    }
    std::sort(sent.begin(), sent.end());
    ASSERT_GT(sent.size(), 100u);
    for (std::size_t i = 1; i < sent.size(); ++i) ASSERT_GE(sent[i].first - sent[i - 1].first, 0.060 - 1e-9);
  }
}

// Against every combination of options.
TEST(TurnsNeed, TheExactAllocatorFindsTheBestOfOneRate) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Service> services;
    for (int id = 1; id <= 3; ++id) {
      Service service = camera(id);
      service.options.resize(3);
      for (ModelOption& option : service.options)
        if (!option.on_vehicle) option.size_megabits = 0.1 + 2 * unit(random), option.utility = unit(random);
      service.weight = 0.5 + unit(random);
      add_frame_rates(service, std::vector<double>{2}, unit(random));
      services.push_back(std::move(service));
    }
    const double mbps = 60 * unit(random);
    const Allocation got = make_allocator("exact")->allocate({services, mbps, 40});
    ASSERT_LE(got.total_needed_mbps, mbps + 1e-6);
    double best = -HUGE_VAL;
    std::vector<std::optional<std::size_t>> options(3);
    const std::size_t n = services[0].options.size();
    for (std::size_t k = 0; k < n * n * n; ++k) {
      options = {k % n, k / n % n, k / n / n};
      const auto needed = needed_together_mbps(services, options, 40);
      if (!needed || *needed > mbps) continue;
      double value = 0;
      for (std::size_t i = 0; i < 3; ++i)
        value += value_of(services[i], services[i].options[*options[i]].utility);
      best = std::max(best, value);
    }
    ASSERT_NEAR(got.total_value, best, 1e-9) << round;
  }
}

}  // namespace
}  // namespace turbo
