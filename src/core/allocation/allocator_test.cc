// The allocators beside the exact one: what they promise, and that none does better.
#include "core/allocation/allocator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace turbo {
namespace {

ModelOption cloud(const std::string& name, double size_megabits, double utility) {
  return {.config = name + "-imgcompNone-inpcomp50",
          .size_megabits = size_megabits,
          .runtime_ms = 50,
          .utility = utility};
}

// 60 ms are left under an RTT of 40: 10 Mbps for "s", 20 for "m", 40 for "l".
Service camera(int id) {
  return {.id = id,
          .options = {
              {.config = "v-imgcompNone-inpcompNone", .runtime_ms = 1, .utility = 0.2, .on_vehicle = true},
              cloud("s", 0.6, 0.3),
              cloud("m", 1.2, 0.45),
              cloud("l", 2.4, 0.5)}};
}

std::string chosen(std::string_view allocator, const std::vector<Service>& services, double mbps) {
  const Allocation got = make_allocator(allocator)->allocate({services, mbps, 40});
  std::string text;
  for (std::size_t i = 0; i < services.size(); ++i) text += services[i].options[*got.options[i]].config[0];
  return text;
}

TEST(Allocators, DoWhatTheirNamesSay) {
  const std::vector<Service> three{camera(1), camera(2), camera(3)};
  EXPECT_EQ(chosen("exact", three, 55), "mms");
  EXPECT_EQ(chosen("equal", three, 55), "sss");
  EXPECT_EQ(chosen("proportional", three, 55), "sss");
  EXPECT_EQ(chosen("greedy", three, 55), "mms");
  EXPECT_EQ(chosen("vehicle", three, 1000), "vvv");
  EXPECT_EQ(chosen("fixed:m-imgcompNone-inpcomp50", three, 55), "mmv");
  EXPECT_EQ(chosen("fixed:x-imgcompNone-inpcomp50", three, 55), "vvv");
  std::vector<Service> unlike{camera(1), camera(2)};
  unlike[1].options.pop_back();
  unlike[1].options.pop_back();
  EXPECT_EQ(chosen("proportional", unlike, 25), "mv");  // 20 and 5 Mbps
  EXPECT_EQ(chosen("equal", unlike, 25), "ss");
}

TEST(Allocators, AnUnknownNameIsRefusedWithTheKnownOnes) {
  for (const char* wrong : {"", "Exact", "cbc", "fixed", "fixed:", "fixed:td2"}) {
    try {
      make_allocator(wrong);
      ADD_FAILURE() << wrong;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(
          std::string(error.what()).find(wrong[0] == 'f' && wrong[5] != 0 ? "model configuration" : "exact"),
          std::string::npos)
          << error.what();
    }
  }
}

// A frame of each, at one moment: 10 Mbps each of 12.
TEST(Allocators, AMixWhoseFramesWouldMeetOnTheLinkDoesNotFit) {
  std::vector<Service> two{camera(1), camera(2)};
  for (Service& service : two) {
    service.options.resize(2);
    add_frame_rates(service, std::vector<double>{2}, HUGE_VAL);
  }
  for (const char* name : {"exact", "greedy", "proportional", "equal", "fixed:s-imgcompNone-inpcomp50",
                           "fixed:s-imgcompNone-inpcomp50-fps2"}) {
    const Allocation got = make_allocator(name)->allocate({two, 12, 40});
    EXPECT_TRUE(got.options[0] == 0u || got.options[1] == 0u) << name;
    EXPECT_LE(got.total_needed_mbps, 12) << name;
  }
}

TEST(Allocators, NoneIsBetterThanTheExactOneOrTakesMoreThanThereIs) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int round = 0; round < 500; ++round) {
    std::vector<Service> services;
    for (int id = 1; id <= 4; ++id) {
      Service service = camera(id);
      for (int i = 0; i < 6; ++i)
        service.options.push_back(
            cloud(std::string(1, static_cast<char>('a' + i)), 4 * unit(random), unit(random)));
      service.weight = 0.5 + unit(random);
      if (round % 3 == 0) service.min_utility = unit(random);
      if (round % 2 == 0) add_frame_rates(service, std::vector<double>{2, 5}, HUGE_VAL);
      services.push_back(std::move(service));
    }
    const double mbps = round % 10 == 0 ? 0 : 150 * unit(random);
    const Allocation best = make_allocator("exact")->allocate({services, mbps, 40});
    EXPECT_LE(best.total_needed_mbps, mbps + 1e-6);
    for (const char* name : {"greedy", "proportional", "equal", "vehicle", "fixed:m-imgcompNone-inpcomp50",
                             "fixed:m-imgcompNone-inpcomp50-fps2"}) {
      const Allocation other = make_allocator(name)->allocate({services, mbps, 40});
      EXPECT_LE(other.total_needed_mbps, mbps + 1e-6) << name;
      EXPECT_LE(other.total_value, best.total_value + 1e-6) << name;
    }
  }
}

}  // namespace
}  // namespace turbo
