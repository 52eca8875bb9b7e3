#include "evaluation/evaluation_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evaluation/test_set.h"

namespace turbo {
namespace {

using testing::ElementsAre;

const ModelOption& option(const Service& service, const std::string& config) {
  for (const ModelOption& each : service.options)
    if (each.config == config) return each;
  throw std::logic_error("no " + config);
}

double mean(const std::string& config, const std::string& scenario, int camera, int first, int last) {
  double sum = 0;
  for (int i = first; i <= last; ++i) sum += TestSet::accuracy(config, scenario, camera, i);
  return sum / (last - first + 1);
}

TEST(EvaluationData, GlobalServicesJoinUtilitiesSizesAndRunTimes) {
  const TestSet set;
  const auto data = set.open({.cameras = {2, 1}, .slo_ms = 180, .frames_per_s = 15});
  const auto services = data.services();
  ASSERT_EQ(services.size(), 2u);
  EXPECT_EQ(services[0].id, 2);
  EXPECT_EQ(services[1].id, 1);
  EXPECT_EQ(services[0].slo_ms, 180);
  EXPECT_EQ(services[0].frames_per_s, 15);
  for (const Service& service : services) {
    ASSERT_EQ(service.options.size(), 5u);  // not the raw frame's row
    for (const char* config : {TestSet::kVehicle, TestSet::kCloud, TestSet::kImage, TestSet::kInput})
      EXPECT_EQ(option(service, config).utility,
                (mean(config, "a", service.id, 0, 3) + mean(config, "b", service.id, 0, 3)) / 2);
    const auto& png = option(service, "edd2-imgcompPNG-inpcompNone");
    EXPECT_EQ(png.utility, option(service, TestSet::kCloud).utility);
    EXPECT_EQ(png.size_megabits, 34);
    EXPECT_EQ(png.runtime_ms, 267);
    EXPECT_TRUE(option(service, TestSet::kVehicle).on_vehicle);
  }
  EXPECT_EQ(fault_in(services), "");
}

TEST(EvaluationData, ScenariosAndTheirServices) {
  const TestSet set;
  const auto data = set.open();
  EXPECT_THAT(data.scenarios(), ElementsAre("a", "b"));
  EXPECT_THAT(data.window_sizes(), ElementsAre(1, 2));
  const auto of_b = data.services_of("b");
  EXPECT_EQ(option(of_b[1], TestSet::kInput).utility, mean(TestSet::kInput, "b", 2, 0, 3));
  const std::vector<std::string> both{"b", "a"};
  const auto each = data.services_of(both);
  ASSERT_EQ(each.size(), 2u);
  EXPECT_EQ(option(each[0][0], TestSet::kImage).utility, mean(TestSet::kImage, "b", 1, 0, 3));
  EXPECT_EQ(option(each[1][0], TestSet::kImage).utility, mean(TestSet::kImage, "a", 1, 0, 3));
  EXPECT_EQ(set.error_of([&] { data.services_of("c"); }),
            "DIR: no scenario c among the 2 there; turbo-evaluation list DIR names them");
}

TEST(EvaluationData, TimelineHasAColumnAnOption) {
  const TestSet set;
  const auto data = set.open({.cameras = {1, 6, 2}});
  const auto services = data.services();
  const auto timeline = data.timeline("b", 2);
  EXPECT_EQ(timeline.scenario, "b");
  EXPECT_EQ(timeline.window_size, 2);
  ASSERT_EQ(timeline.windows.size(), 2u);
  EXPECT_EQ(timeline.windows[1].start_idx, 2);
  EXPECT_EQ(timeline.windows[1].end_idx, 3);
  EXPECT_EQ(timeline.windows[1].start_us, 9'200'000);
  EXPECT_EQ(timeline.windows[1].end_us, 9'300'000);
  for (std::size_t w = 0; w < 2; ++w) {
    std::size_t column = 0;
    for (const Service& service : services)
      for (const ModelOption& each : service.options) {
        double expected = each.utility;  // of motion prediction
        if (service.id != 6)
          expected = mean(each.config == "edd2-imgcompPNG-inpcompNone" ? TestSet::kCloud : each.config, "b",
                          service.id, int(w) * 2, int(w) * 2 + 1);
        EXPECT_EQ(timeline.utilities[w].at(column++), expected) << each.config;
      }
    EXPECT_EQ(timeline.utilities[w].size(), column);
  }
}

TEST(EvaluationData, EveryScenarioInTurnIsTheSameAsOneByOne) {
  const TestSet set;
  const auto data = set.open();
  std::vector<std::string> seen;
  data.for_each_timeline(1, [&](UtilityTimeline timeline) {
    seen.push_back(timeline.scenario);
    EXPECT_EQ(timeline.utilities, data.timeline(timeline.scenario, 1).utilities);
    EXPECT_EQ(timeline.windows.size(), 4u);
  });
  EXPECT_THAT(seen, ElementsAre("a", "b"));
}

TEST(EvaluationData, ANullAccuracyIsARightEmptyAnswer) {
  TestSet set;
  set.change(TestSet::kCloud, 1, [](TestRows& rows) {
    for (TestRow& row : rows)
      if (row.camera == 2) row.accuracy.reset();
  });
  const auto data = set.open();
  EXPECT_EQ(option(data.services()[1], TestSet::kCloud).utility, 1);
  EXPECT_EQ(option(data.services_of("a")[1], TestSet::kCloud).utility, 1);
  EXPECT_EQ(data.timeline("a", 1).utilities[3][5 + 1], 1);
  EXPECT_LT(option(data.services()[0], TestSet::kCloud).utility, 1);
}

TEST(EvaluationData, WhoNamesNoCameraGetsTheFrontOnesThatThereAre) {
  TestSet set;
  EXPECT_THAT(usual_cameras(set.folder().path()), ElementsAre(1, 2));
  const auto move_by = [&](int by) {
    set.change(TestSet::kVehicle, 2, [&](TestRows& rows) {
      for (TestRow& row : rows)
        if (row.camera) *row.camera += by;
    });
  };
  move_by(2);
  EXPECT_THAT(usual_cameras(set.folder().path()), ElementsAre(3));
  move_by(3);
  EXPECT_THAT(usual_cameras(set.folder().path()), ElementsAre(4, 5));
}

TEST(EvaluationData, MotionPredictionIsThePublishedOrOnesOwn) {
  const TestSet set;
  const auto published = set.open({.cameras = {1, 6}}).services().at(1);
  EXPECT_EQ(published.id, 6);
  EXPECT_EQ(published.slo_ms, 250);
  ASSERT_EQ(published.options.size(), 2u);
  EXPECT_TRUE(published.options[0].on_vehicle);
  EXPECT_EQ(published.options[0].utility, 0.2213);
  EXPECT_EQ(published.options[0].size_megabits, 0);
  EXPECT_EQ(published.options[1].utility, 0.3995);
  EXPECT_EQ(published.options[1].size_megabits, 0.1462);
  EXPECT_EQ(published.options[1].runtime_ms, 45.86);
  EXPECT_EQ(set.open({.cameras = {1, 6}, .frames_per_s = 5}).services().at(1).frames_per_s, 5);
  Service own = published_motion_prediction(10);
  own.options[1].utility = 0.5;
  EXPECT_EQ(set.open({.cameras = {1, 6}, .motion_prediction = own}).services()[1].options[1].utility, 0.5);
  own.options[1].utility = 2;
  EXPECT_EQ(set.error_of([&] {
    set.open({.cameras = {1, 6}, .motion_prediction = own});
  }),
            "DIR: service 6: motion-transformer-imgcompNone-inpcompNone: utility: expected 0 to 1");
}

TEST(EvaluationData, FrameRatesNeedNoDataOfTheirOwnAndRegionsDo) {
  TestSet set;
  const std::string slow = "edd2-imgcompNone-inpcomp50-fps2.5",
                    part = "edd2-imgcompNone-inpcomp50-roi60x50+20+30";
  const std::string more =
      slow + ",0.4,53\n" + part + ",0.2,53\n" + part.substr(0, 26) + "-fps5" + part.substr(26) + ",0.2,53\n";
  EXPECT_EQ(
      set.error_of([&] {
        set.open({.cameras = {1, 2}}, more);
      }),
      "DIR: no data of edd2-imgcompNone-inpcomp50-roi60x50+20+30: expected "
      "efficientdet-d2/efficientdet-d2-compress-inputs-50-roi60x50+20+30-window_size=1.parquet or another "
      "window size");
  for (const int size : {1, 2}) set.write(part, size, TestSet::rows(TestSet::kImage, size));
  const auto data = set.open({.cameras = {1, 2}, .frames_per_s = 10}, more);
  const Service service = data.services()[0];
  const double vehicle = option(service, TestSet::kVehicle).utility;
  EXPECT_EQ(option(service, part).utility, option(service, TestSet::kImage).utility);
  EXPECT_DOUBLE_EQ(option(service, slow).utility,
                   0.25 * option(service, TestSet::kInput).utility + 0.75 * vehicle);
  EXPECT_EQ(option(service, slow).duty, 0.25);
  const std::string both = "edd2-imgcompNone-inpcomp50-fps5-roi60x50+20+30";
  EXPECT_DOUBLE_EQ(option(service, both).utility, 0.5 * option(service, part).utility + 0.5 * vehicle);
  const auto timeline = data.timeline("a", 1);
  std::size_t column = 0;
  while (service.options[column].config != slow) ++column;
  EXPECT_DOUBLE_EQ(timeline.utilities[2][column], 0.25 * TestSet::accuracy(TestSet::kInput, "a", 1, 2) +
                                                      0.75 * TestSet::accuracy(TestSet::kVehicle, "a", 1, 2));
}

TEST(EvaluationData, MoreFrameRatesMayBeOffered) {
  const TestSet set;
  const auto data = set.open({.cameras = {1}, .frame_rates_per_s = {5}, .staleness_cost_per_s = 0.1});
  const auto service = data.services()[0];
  const auto& half = option(service, "edd2-imgcompNone-inpcomp50-fps5");
  EXPECT_EQ(half.duty, 0.5);
  EXPECT_DOUBLE_EQ(half.utility, option(service, TestSet::kInput).utility - 0.1 * (0.2 - 0.1) / 2);
  EXPECT_EQ(data.timeline("a", 1).utilities[0].size(), service.options.size());
}

TEST(EvaluationData, NumbersMayBeStoredAsOtherTypes) {
  TestSet set;
  for (const char* config : {TestSet::kVehicle, TestSet::kCloud, TestSet::kImage, TestSet::kInput})
    for (const int size : {1, 2})
      set.rewrite(config, size,
                  "SELECT mean_average_precision::FLOAT AS mean_average_precision, context, 7 AS another, "
                  "camera_id::TINYINT AS camera_id, window_start_idx::DOUBLE AS window_start_idx, "
                  "window_end_idx::INTEGER AS window_end_idx, window_start_us::DOUBLE AS window_start_us, "
                  "window_end_us::UBIGINT AS window_end_us FROM data");
  const TestSet plain;
  EXPECT_EQ(set.open().timeline("b", 2).utilities, plain.open().timeline("b", 2).utilities);
  EXPECT_THAT(set.check().problems, testing::IsEmpty());
}

TEST(EvaluationData, OnlyWindowsThatAllCamerasHaveCount) {
  TestSet set;
  for (const char* config : {TestSet::kVehicle, TestSet::kCloud, TestSet::kImage, TestSet::kInput})
    set.change(config, 1, [](TestRows& rows) {
      std::erase_if(rows, [](const TestRow& row) {
        return row.camera == 2 && row.start_idx == 1 && row.context == "a";
      });
    });
  const auto timeline = set.open().timeline("a", 1);
  ASSERT_EQ(timeline.windows.size(), 3u);
  EXPECT_EQ(timeline.windows[1].start_idx, 2);
  EXPECT_EQ(timeline.utilities[1][0], TestSet::accuracy(TestSet::kVehicle, "a", 1, 2));
  EXPECT_EQ(timeline.utilities[1][5], TestSet::accuracy(TestSet::kVehicle, "a", 2, 2));
  EXPECT_EQ(set.open({.cameras = {1}}).timeline("a", 1).windows.size(), 4u);
}

TEST(EvaluationData, SettingsThatMakeNoSenseAreRefused) {
  const TestSet set;
  const auto error = [&](EvaluationSettings settings) { return set.error_of([&] { set.open(settings); }); };
  EXPECT_EQ(error({.cameras = {}}), "no camera is chosen; expected at least one of 1 to 5");
  EXPECT_EQ(error({.cameras = {6}}), "no camera is chosen; expected at least one of 1 to 5");
  EXPECT_EQ(error({.cameras = {1, 1}}), "camera 1 stands twice");
  EXPECT_EQ(error({.cameras = {0}}), "camera 0: expected 1 to 5, or 6 for motion prediction");
  EXPECT_EQ(error({.cameras = {7}}), "camera 7: expected 1 to 5, or 6 for motion prediction");
  EXPECT_EQ(error({.cameras = {1}, .memory_limit_bytes = 1 << 20}),
            "a memory limit below 64 MiB is too small");
  EXPECT_EQ(error({.onvehicle_model = "edd2", .cameras = {1}}), "");
  EXPECT_EQ(
      error({.onvehicle_model = "td1", .cameras = {1}}),
      "DIR: no data of td1-imgcompNone-inpcompNone: expected td1/td1-window_size=1.parquet or another window "
      "size; it is the on-vehicle model");
}

}  // namespace
}  // namespace turbo
