#include "lab/score/busy_machine.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using enum FrameStage;
using Stages = std::vector<ComparedStage>;

std::string told(const Stages& way, const std::optional<ComparedStage>& beside = {}) {
  return factors_text(slow_together(way, beside));
}

TEST(BusyMachine, IsWhereBothSidesComputeSlowlyAtOnce) {
  const Stages way{
      {kCompression, 48, 2.4}, {kThere, 25, 22}, {kPreparation, 22, 0.7}, {kInference, 470, 23.5}};
  EXPECT_EQ(told(way, ComparedStage{kVehicleModel, 165, 5.5}),
            "compression x20, decoding and resizing x22, inference x20, on-vehicle model x30");
  EXPECT_EQ(told({{kInference, 470, 23.5}}, ComparedStage{kVehicleModel, 165, 5.5}),
            "inference x20, on-vehicle model x30");
}

TEST(BusyMachine, IsNotWhereOneSideIs) {
  EXPECT_EQ(told({{kCompression, 2.4, 2.4}, {kPreparation, 22, 0.7}, {kInference, 470, 23.5}},
                 ComparedStage{kVehicleModel, 6, 5.5}),
            "");
  EXPECT_EQ(told({{kCompression, 48, 2.4}, {kInference, 24, 23.5}}, ComparedStage{kVehicleModel, 165, 5.5}),
            "");
  EXPECT_EQ(told({}), "");
}

TEST(BusyMachine, IsNotWhereItIsSlowByNoise) {
  EXPECT_EQ(told({{kCompression, 4, 0.1}, {kPreparation, 4.9, 0.2}}), "") << "a few ms";
  EXPECT_EQ(told({{kCompression, 9.5, 2.4}, {kInference, 90, 23.5}}), "") << "less than four times";
}

TEST(BusyMachine, IsNotTheCauseWhereAnotherStageTookLonger) {
  EXPECT_EQ(told({{kCompression, 20, 2}, {kSending, 300, 10}, {kInference, 120, 24}}), "");
  EXPECT_EQ(told({{kCompression, 20, 2}, {kSending, 100, 10}, {kInference, 120, 24}}),
            "compression x10, inference x5");
}

}  // namespace
}  // namespace turbo
