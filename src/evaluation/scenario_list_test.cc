#include "evaluation/scenario_list.h"

#include <gmock/gmock.h>

#include "evaluation/test_set.h"

namespace turbo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(ScenarioList, NamesEveryScenarioWithItsFrames) {
  const TestSet set;
  const auto scenarios = list_scenarios(set.folder().path(), "edd1");
  ASSERT_EQ(scenarios.size(), 2u);
  EXPECT_EQ(scenarios[0].name + scenarios[1].name, "ab");
  for (const auto& scenario : scenarios) {
    EXPECT_THAT(scenario.frames, ElementsAre(Pair(1, TestSet::kFrames), Pair(2, TestSet::kFrames)));
    EXPECT_NEAR(scenario.seconds, 0.3, 1e-9);
  }
}

TEST(ScenarioList, CamerasMayDifferAndAModelMayHaveNoData) {
  TestSet set;
  set.change(TestSet::kVehicle, 1, [](TestRows& rows) {
    std::erase_if(rows, [](const TestRow& row) {
      return row.context == "b" && row.camera == 2 && row.start_idx && *row.start_idx > 1;
    });
  });
  EXPECT_THAT(list_scenarios(set.folder().path(), "edd1")[1].frames, ElementsAre(Pair(1, 4), Pair(2, 2)));
  EXPECT_THAT(list_scenarios(set.folder().path(), "edd2")[1].frames, ElementsAre(Pair(1, 4), Pair(2, 4)));
  EXPECT_EQ(list_scenarios(set.folder().path(), "none").size(), 2u);
}

TEST(ScenarioList, WhatIsWrongIsNamed) {
  TestSet set;
  set.change(TestSet::kVehicle, 1, [](TestRows& rows) { rows[0].camera = 17; });
  EXPECT_THAT(set.error_of([&] { list_scenarios(set.folder().path(), "edd1"); }),
              HasSubstr("D1-window_size=1.parquet: context a"));
  EXPECT_THAT(set.error_of([&] { list_scenarios(set.folder() / "none", "edd1"); }), HasSubstr("DIR/none"));
}

}  // namespace
}  // namespace turbo
