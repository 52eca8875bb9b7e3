#include "lab/allocate/allocation_sheet.h"

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace turbo::allocate {
namespace {

using testing::HasSubstr;
using testing::Not;

// 60 ms are left under an RTT of 40: 10 Mbps for "s", 20 for "m".
Service camera(int id) {
  return {.id = id,
          .options = {{"v-imgcompNone-inpcompNone", 0, 1, 0.2, true},
                      {"s-imgcompNone-inpcompNone", 0.6, 50, 0.3},
                      {"m-imgcompNone-inpcompNone", 1.2, 50, 0.45}}};
}

ServiceSet set_of(std::vector<Service> services) { return {"table.csv", std::move(services), {}}; }

std::string table(const ServiceSet& set, const Request& request) {
  return table_of(set, request, decide(set, request));
}

nlohmann::json decided(const ServiceSet& set, const Request& request) {
  return nlohmann::json::parse(json_of(set, request, decide(set, request)));
}

TEST(AllocationSheet, SaysWhatIsChosenAndWhatWouldBeNext) {
  const auto set = set_of({camera(1), camera(2)});
  const auto json = decided(set, {.bandwidth_mbps = 35, .rtt_ms = 40});
  EXPECT_EQ(json["services"][0]["config"], "m-imgcompNone-inpcompNone");
  EXPECT_EQ(json["services"][1]["config"], "s-imgcompNone-inpcompNone");
  EXPECT_NEAR(json["services"][1]["next"]["from_mbps"].get<double>(), 20, 1e-9);
  EXPECT_TRUE(json["services"][0]["next"].is_null());
  EXPECT_NEAR(json["needed_mbps"].get<double>(), 30, 1e-9);
  EXPECT_NEAR(json["services"][0]["allocated_mbps"].get<double>(), 35.0 * 2 / 3, 1e-9);
  EXPECT_NEAR(json["mean_utility"].get<double>(), 0.375, 1e-9);
  EXPECT_NEAR(json["on_vehicle_mean_utility"].get<double>(), 0.2, 1e-9);
  EXPECT_EQ(json["runner_up"]["configs"].size(), 2u);
}

TEST(AllocationSheet, SafetyLeavesRoom) {
  const auto set = set_of({camera(1), camera(2)});
  const auto json = decided(set, {.bandwidth_mbps = 35, .rtt_ms = 40, .budget = "share:0.8"});
  EXPECT_NEAR(json["budget_mbps"].get<double>(), 28, 1e-9);
  EXPECT_NEAR(json["needed_mbps"].get<double>(), 20, 1e-9);
}

TEST(AllocationSheet, WeightsAndFloorsShowInTheTable) {
  auto front = camera(1), rear = camera(2);
  EXPECT_THAT(table(set_of({front}), {.bandwidth_mbps = 35, .rtt_ms = 40}), Not(HasSubstr("weight")));
  rear.weight = 9;
  rear.min_utility = 0.5;
  const auto set = set_of({front, rear});
  const auto text = table(set, {.bandwidth_mbps = 22, .rtt_ms = 40});
  EXPECT_THAT(text, HasSubstr("weight"));
  EXPECT_THAT(text, HasSubstr("m-imgcompNone-inpcompNone (below its floor)"));
  EXPECT_THAT(text, HasSubstr("v-imgcompNone-inpcompNone (on the vehicle)\n"));
  EXPECT_THAT(text, HasSubstr("weighted mean utility 0.4250"));
}

TEST(AllocationSheet, SaysWhyAllAreOnTheVehicle) {
  const auto set = set_of({camera(1)});
  EXPECT_THAT(table(set, {.bandwidth_mbps = 5, .rtt_ms = 40}),
              HasSubstr("the smallest cloud configuration needs 10.00 Mbps"));
  EXPECT_THAT(table(set, {.bandwidth_mbps = 5, .rtt_ms = 120}),
              HasSubstr("no cloud configuration can be in time"));
  EXPECT_THAT(table(set, {.bandwidth_mbps = 50, .rtt_ms = 40, .allocator = "vehicle"}),
              Not(HasSubstr("all on the vehicle:")));
}

TEST(AllocationSheet, WhatIsWrongIsRefused) {
  const auto set = set_of({camera(1)});
  const auto refused = [&](const Request& request, const std::string& what) {
    try {
      decide(set, request);
      ADD_FAILURE() << what;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), HasSubstr(what));
    }
  };
  for (const double wrong : {-1.0, 2e6, std::nan(""), HUGE_VAL}) {
    refused({.bandwidth_mbps = wrong, .rtt_ms = 40}, "--bandwidth: expected");
    refused({.bandwidth_mbps = 10, .rtt_ms = wrong}, "--rtt: expected");
  }
  refused({.bandwidth_mbps = 10, .rtt_ms = 40, .budget = "share:2"},
          "--budget: no budget is called \"share:2\"");
  refused({.bandwidth_mbps = 10, .rtt_ms = 40, .allocator = "best"},
          "--allocator: no allocator is called \"best\"");
  refused({.bandwidth_mbps = 10, .rtt_ms = 40, .allocator = "fixed:x-imgcompNone-inpcompNone"},
          "no service has x-imgcompNone-inpcompNone; there are ");
}

}  // namespace
}  // namespace turbo::allocate
