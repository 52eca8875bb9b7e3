#include "core/utility/utility_curve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace turbo {
namespace {

const ModelOption kVehicle{"v-imgcompNone-inpcompNone", 0, 1, 0.2663, true};

ModelOption cloud(const char* name, double size_megabits, double runtime_ms, double utility) {
  ModelOption option;
  option.config = name;
  option.size_megabits = size_megabits;
  option.runtime_ms = runtime_ms;
  option.utility = utility;
  return option;
}

Service service_of(std::vector<ModelOption> options) { return {.id = 1, .options = std::move(options)}; }

TEST(UtilityCurve, NeedsWhatTheTimeLeftLeaves) {
  const ModelOption option{"edd4-imgcompNone-inpcomp75", 0.97, 72.3, 0.4};
  // 0.97 Mb in 150 - 36 - 72.3 = 41.7 ms.
  EXPECT_NEAR(*needed_mbps(option, 150, 36), 23.26, 0.005);
  EXPECT_FALSE(needed_mbps(option, 150, 77.7));
  EXPECT_FALSE(needed_mbps(option, 150, 1000));
  EXPECT_FALSE(needed_mbps(option, 150, std::nan("")));
  EXPECT_EQ(needed_mbps(kVehicle, 150, 1000), 0);
  ModelOption held_off = kVehicle;
  held_off.runtime_ms = HUGE_VAL;
  EXPECT_FALSE(needed_mbps(held_off, 150, 36));
}

TEST(UtilityCurve, KeepsOnlyWhatIsBetterThanAllThatIsCheaper) {
  const std::vector<ModelOption> options{kVehicle,
                                         cloud("b", 2, 50, 0.45),
                                         cloud("worse", 3, 50, 0.40),
                                         cloud("a", 1, 50, 0.35),
                                         cloud("too slow", 0.1, 120, 0.9),
                                         cloud("c", 4, 50, 0.50)};
  const auto curve = make_utility_curve(service_of(options), 40);  // 60 ms are left
  ASSERT_EQ(curve.size(), 4u);
  EXPECT_EQ(curve[0].option, 0u);
  EXPECT_EQ(curve[0].start_mbps, 0);
  EXPECT_NEAR(curve[1].start_mbps, 1 / 0.060, 1e-9);
  EXPECT_EQ(curve[1].option, 3u);
  EXPECT_EQ(curve[2].option, 1u);
  EXPECT_EQ(curve[3].option, 5u);
  for (std::size_t i = 0; i + 1 < curve.size(); ++i) EXPECT_EQ(curve[i].end_mbps, curve[i + 1].start_mbps);
  EXPECT_TRUE(std::isinf(curve[3].end_mbps));
  EXPECT_EQ(step_at(curve, 0), 0u);
  EXPECT_EQ(step_at(curve, 1 / 0.060), 1u);
  EXPECT_EQ(step_at(curve, 1e9), 3u);
}

TEST(UtilityCurve, WithoutAVehicleModelLittleBandwidthIsWorthNothing) {
  const std::vector<ModelOption> options{cloud("a", 1, 50, 0.35)};
  const auto curve = make_utility_curve(service_of(options), 40);
  ASSERT_EQ(curve.size(), 2u);
  EXPECT_FALSE(curve[0].option);
  EXPECT_EQ(curve[0].utility, 0);
  EXPECT_EQ(make_utility_curve(service_of({}), 40).size(), 1u);
}

TEST(UtilityCurve, IsTheBestAffordableAtEveryBandwidth) {
  std::mt19937 random(23);
  for (int round = 0; round < 200; ++round) {
    std::vector<ModelOption> options{kVehicle};
    for (int i = 0; i < 20; ++i)
      options.push_back(cloud("m", static_cast<double>(random() % 40) / 10,
                              static_cast<double>(random() % 160), static_cast<double>(random() % 20) / 20));
    const double rtt = random() % 100;
    const auto curve = make_utility_curve(service_of(options), rtt);
    for (int i = 0; i < 30; ++i) {
      const double mbps = static_cast<double>(random() % 1000) / 5;
      double best = 0;
      for (const auto& option : options)
        if (const auto needed = needed_mbps(option, 150, rtt); needed && *needed <= mbps)
          best = std::max(best, option.utility);
      EXPECT_EQ(curve[step_at(curve, mbps)].utility, best);
    }
  }
}

TEST(UtilityCurve, FewerFramesNeedAsMuchForEach) {
  Service service = service_of({kVehicle, cloud("m-imgcompNone-inpcomp50", 0.6, 50, 0.5)});
  add_frame_rates(service, std::vector<double>{2, 10, 20}, HUGE_VAL);
  ASSERT_EQ(service.options.size(), 3u);  // neither a rate that is the camera's own nor one above
  const ModelOption& slow = service.options[2];
  EXPECT_EQ(slow.config, "m-imgcompNone-inpcomp50-fps2");
  EXPECT_NEAR(slow.utility, 0.2 * 0.5 + 0.8 * 0.2663, 1e-12);
  EXPECT_NEAR(*needed_mbps(slow, 150, 40), 10, 1e-9);
  EXPECT_EQ(make_utility_curve(service, 40, 9).size(), 1u);
  const auto curve = make_utility_curve(service, 40, 10.001);
  ASSERT_EQ(curve.size(), 2u);
  EXPECT_EQ(curve[1].option, 1u);  // every frame is better, and needs no more
  service.options[2].utility = 0.6;
  EXPECT_EQ(make_utility_curve(service, 40, 10.001)[1].option, 2u);
  Service carried = service_of({kVehicle, cloud("m-imgcompNone-inpcomp50", 0.6, 50, 0.5)});
  add_frame_rates(carried, std::vector<double>{2}, 0.1);
  EXPECT_NEAR(carried.options[2].utility, 0.5 - 0.1 * (0.5 - 0.1) / 2, 1e-12);
}

TEST(UtilityCurve, AValueIsWeightedAndAFloorComesFirst) {
  Service service = service_of({kVehicle, cloud("a", 1, 50, 0.35), cloud("b", 2, 50, 0.45)});
  service.weight = 3;
  service.min_utility = 0.3;
  const auto curve = make_utility_curve(service, 40);
  ASSERT_EQ(curve.size(), 3u);
  EXPECT_NEAR(curve[0].value, 3 * 0.2663 - kFloorPenalty * (1 + 0.3 - 0.2663), 1e-9);
  EXPECT_NEAR(curve[1].value, 3 * 0.35, 1e-12);
  EXPECT_NEAR(curve[2].value, 3 * 0.45, 1e-12);
}

}  // namespace
}  // namespace turbo
