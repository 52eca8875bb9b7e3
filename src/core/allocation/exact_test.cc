#include "core/allocation/exact.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace turbo {
namespace {

double unit(std::mt19937& random) { return std::uniform_real_distribution<double>(0, 1)(random); }

Service random_service(int id, bool coarse, std::mt19937& random) {
  Service service{.id = id};
  service.options.push_back(
      {.config = "v-imgcompNone-inpcompNone", .runtime_ms = 1, .utility = 0.2, .on_vehicle = true});
  const std::size_t count = 1 + random() % 8;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = coarse ? static_cast<double>(random() % 5) / 4 : unit(random);
    const double y = coarse ? static_cast<double>(random() % 5) / 4 : unit(random);
    service.options.push_back(
        {.config = std::string(1, static_cast<char>('a' + i)) + "-imgcomp50-inpcompNone",
         .size_megabits = 2 * x,
         .runtime_ms = 50,
         .utility = y});
  }
  service.weight = coarse ? 1 : 0.5 + unit(random);
  service.min_utility = random() % 3 == 0 ? unit(random) : 0;
  return service;
}

std::vector<Service> random_services(bool coarse, std::mt19937& random) {
  std::vector<Service> services;
  const int count = 1 + static_cast<int>(random() % 6);
  for (int id = 0; id < count; ++id) services.push_back(random_service(id, coarse, random));
  return services;
}

TEST(ExactAllocator, IsNeverOverTheBandwidthAndNeverWorseWithMoreOfIt) {
  std::mt19937 random(3);
  ExactAllocator allocator;
  for (int round = 0; round < 300; ++round) {
    const auto services = random_services(round % 2 == 0, random);
    double before = -HUGE_VAL;
    for (double mbps = 0; mbps < 120; mbps += 1 + 9 * unit(random)) {
      const Allocation got = allocator.allocate({services, mbps, 40});
      ASSERT_LE(got.total_needed_mbps, mbps + 1e-9 * static_cast<double>(services.size() + 1));
      ASSERT_GE(got.total_value, before - 1e-9);
      before = got.total_value;
    }
    ASSERT_GE(allocator.allocate({services, HUGE_VAL, 40}).total_value, before - 1e-9);
  }
}

TEST(ExactAllocator, TheOrderOfServicesChangesNoSum) {
  std::mt19937 random(5);
  ExactAllocator allocator;
  for (int round = 0; round < 500; ++round) {
    auto services = random_services(round % 2 == 0, random);
    const double mbps = 100 * unit(random);
    const Allocation one = allocator.allocate({services, mbps, 40});
    std::shuffle(services.begin(), services.end(), random);
    const Allocation other = allocator.allocate({services, mbps, 40});
    ASSERT_NEAR(one.total_value, other.total_value, 1e-9 * std::max(1.0, std::abs(one.total_value)));
    ASSERT_NEAR(one.total_needed_mbps, other.total_needed_mbps, 1e-6);
  }
}

// A floor counts before any sum of utilities, weights however large.
TEST(ExactAllocator, FloorsComeFirst) {
  std::mt19937 random(7);
  std::vector<Service> two{random_service(1, true, random), random_service(2, true, random)};
  for (Service& service : two) service.min_utility = 0, service.options.resize(1);
  two[0].options.push_back(
      {.config = "a-imgcomp50-inpcompNone", .size_megabits = 1, .runtime_ms = 50, .utility = 0.9});
  two[1].options.push_back(
      {.config = "a-imgcomp50-inpcompNone", .size_megabits = 1, .runtime_ms = 50, .utility = 0.3});
  two[0].weight = 100;
  ExactAllocator allocator;
  const double mbps = 1.5 / 0.06;  // 1 Mb in 60 ms, once
  EXPECT_EQ(allocator.allocate({two, mbps, 40}).options[0], 1u);
  two[1].min_utility = 0.25;
  EXPECT_EQ(allocator.allocate({two, mbps, 40}).options[0], 0u);
  EXPECT_EQ(allocator.allocate({two, mbps, 40}).options[1], 1u);
  two[0].min_utility = 0.9;  // now it misses more than the other
  EXPECT_EQ(allocator.allocate({two, mbps, 40}).options[0], 1u);
}

TEST(ExactAllocator, AFloorComesBeforeTheGreatestWeightsOfAllOthers) {
  std::vector<Service> services;
  for (int id = 1; id <= 256; ++id)
    services.push_back({.id = id,
                        .options = {{"v-imgcompNone-inpcompNone", 0, 1, 0, true},
                                    {"m-imgcompNone-inpcomp50", id == 1 ? 0.6 : 0.6 / 255, 50, 1}},
                        .weight = id == 1 ? 0.01 : 100});
  services[0].min_utility = 0.001;
  const Allocation got = ExactAllocator().allocate({services, 10.001, 40});  // 10 for one, or for all others
  EXPECT_EQ(got.options[0], 1u);
  EXPECT_EQ(got.options[1], 0u);
}

TEST(ExactAllocator, NoWeightBuysASmallMissToAFloor) {
  const auto service = [](int id, double best) {
    return Service{
        .id = id,
        .options = {
            {.config = "v-imgcompNone-inpcompNone", .utility = 0.2, .on_vehicle = true},
            {.config = "a-imgcomp50-inpcompNone", .size_megabits = 1, .runtime_ms = 50, .utility = best}}};
  };
  std::vector<Service> two{service(1, 0.9), service(2, 0.3)};
  two[0].weight = 100;
  two[1].weight = 0.01;
  two[1].min_utility = 0.204;
  ExactAllocator allocator;
  const Allocation got = allocator.allocate({two, 1.5 / 0.06, 40});
  EXPECT_EQ(got.options[0], 0u);
  EXPECT_EQ(got.options[1], 1u);
}

TEST(ExactAllocator, ABandwidthThatIsNoneLeavesAllOnTheVehicle) {
  std::mt19937 random(9);
  auto services = random_services(false, random);
  ExactAllocator allocator;
  for (const double none : {0.0, -1.0, std::nan(""), -HUGE_VAL})
    for (const auto option : allocator.allocate({services, none, 40}).options) EXPECT_EQ(option, 0u);
  EXPECT_TRUE(allocator.allocate({{}, 10, 40}).options.empty());
}

}  // namespace
}  // namespace turbo
