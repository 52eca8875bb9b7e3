#include "lab/profile/scene_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "evaluation/evaluation_check.h"
#include "lab/command_line/interrupt.h"
#include "tests/temporary_folder.h"

namespace turbo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kModel = TURBO_TESTDATA "/good.onnx";

ProfileOptions options() {
  return {
      .models = {{"cloud", kModel}, {"vehicle", kModel, true}}, .frames = 1, .regions = {{100, 50, 0, 30}}};
}

// A row a configuration, as profile() makes them: the cloud's raw frame and PNG have no data of their own.
std::vector<ProfileRow> table() {
  return {
      {{.model = "cloud"}, 50, 30, .9},
      {{.model = "cloud"}, 14, 29, .9},
      {{.model = "cloud", .image = Compression::kPng}, 32, 50, .9},
      {{.model = "cloud", .input = Compression::kJpeg50, .region = FrameRegion{100, 50, 0, 30}}, .3, 20, .9},
      {{.model = "vehicle"}, 0, 5, .8}};
}

TEST(SceneEvaluation, IsOneThatNothingIsWrongWith) {
  const test::TemporaryFolder folder;
  const EvaluationPlan plan{
      .folder = folder / "set", .scenarios = 2, .frames = 3, .cameras = {1, 4}, .threads = 2};
  const auto place = prepare_evaluation(options(), plan);
  const auto made = make_scene_evaluation(options(), plan, table(), *place, false);
  std::ostringstream text;
  text << std::ifstream(made.model_table).rdbuf();
  const ModelTable written = parse_model_table(text.str(), "model_info.csv");
  const EvaluationSettings settings{.onvehicle_model = "vehicle", .cameras = {1, 4}};
  const auto report = check_evaluation(plan.folder, written, settings, [](std::size_t) {});
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.files, made.files);
  EXPECT_EQ(report.rows, made.rows);
  EXPECT_EQ(report.configurations.size(), 13u);  // one on the vehicle; nothing, four, four, a region's three
  EXPECT_EQ(report.configurations[0].rows.at(1), 2u * (2 * 3 + 3) + 3);
  EXPECT_EQ(report.configurations[0].rows.at(10), 2u * (2 * 1 + 3) + 3);
  const EvaluationData data(plan.folder, written, settings);
  EXPECT_THAT(data.scenarios(), ElementsAre("scene-000301", "scene-000302"));
  EXPECT_EQ(data.timeline("scene-000302", 1).windows.size(), 3u);
  // The same model in both places, and nothing lost on the way.
  for (const Service& service : data.services())
    EXPECT_EQ(service.options[1].utility, service.options[2].utility);
  ASSERT_EQ(written.rows.size(), 5u);
  EXPECT_EQ(written.rows[0].utility, written.rows[4].utility);
  EXPECT_EQ(written.rows[3].size_megabits, .3);
}

TEST(SceneEvaluation, LeavesNothingWhenItIsInterrupted) {
  const test::TemporaryFolder folder;
  const EvaluationPlan plan{.folder = folder / "set", .scenarios = 1, .frames = 1, .cameras = {1}};
  {
    const auto place = prepare_evaluation(options(), plan);
    EXPECT_FALSE(std::filesystem::exists(plan.folder));
    EXPECT_THROW(make_scene_evaluation(options(), plan, table(), *place, true), Interrupted);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(SceneEvaluation, RefusesWhatMakesNoData) {
  const test::TemporaryFolder folder;
  const auto error = [](const std::vector<ProfiledModel>& models, const EvaluationPlan& plan) -> std::string {
    try {
      prepare_evaluation({.models = models}, plan);
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "";
  };
  const EvaluationPlan plan{.folder = folder / "set"};
  const ProfiledModel vehicle{"vehicle", kModel, true};
  EXPECT_EQ(error({{"cloud", kModel}}, plan),
            "--evaluation: the vehicle's model is part of the data: --onvehicle NAME=FILE");
  EXPECT_EQ(error({vehicle, {"vehicle", kModel}}, plan), "model vehicle stands twice");
  EXPECT_THAT(error({vehicle, {"efficientdet-d4", kModel}}, plan), HasSubstr("model efficientdet-d4: "));
  EXPECT_EQ(error({vehicle}, {.folder = folder / "set", .cameras = {1, 2, 1}}), "--cameras: 1 stands twice");
  EXPECT_FALSE(std::filesystem::exists(plan.folder));
  std::ofstream(folder / "file") << "x";
  EXPECT_THAT(error({vehicle}, {.folder = folder / "file"}), HasSubstr("not an empty folder"));
  EXPECT_THAT(error({vehicle}, {.folder = folder / "file/set"}), HasSubstr("file/set: "));
  EXPECT_EQ(error({vehicle}, plan), "");
  EXPECT_FALSE(std::filesystem::exists(plan.folder));  // nothing was made in it
}

}  // namespace
}  // namespace turbo
