#include "lab/evaluation_data/evaluation_maker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "evaluation/evaluation_data.h"
#include "lab/command_line/interrupt.h"
#include "lab/evaluation_data/load_timing.h"
#include "lab/evaluation_data/report_text.h"
#include "tests/temporary_folder.h"

namespace turbo::lab {
namespace {

using testing::HasSubstr;

const EvaluationRecipe kSmall{.seed = 7, .scenarios = 3, .frames = 45, .models = {"edd1", "edd2", "edd7x"}};
const std::atomic<bool> kGoOn = false;

ModelTable table_of(const std::filesystem::path& folder) {
  std::ifstream file(folder / "model_info.csv");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_model_table(text.str(), "model_info.csv");
}

std::size_t column(const Service& service, const std::string& config) {
  for (std::size_t i = 0; i < service.options.size(); ++i)
    if (service.options[i].config == config) return i;
  throw std::logic_error("no " + config);
}

TEST(EvaluationMaker, MakesAWholeSetThatNothingIsWrongWith) {
  const test::TemporaryFolder folder;
  const auto made = make_evaluation(kSmall, folder / "set", kGoOn);
  EXPECT_EQ(made.files, 19u * 6);
  const auto report = check_evaluation(folder / "set", table_of(folder / "set"), {}, [](std::size_t) {});
  EXPECT_THAT(report.problems, testing::IsEmpty());
  EXPECT_EQ(report.files, made.files);
  EXPECT_EQ(report.rows, made.rows);
  EXPECT_EQ(report.scenarios, 3u);
  EXPECT_THAT(report.cameras, testing::ElementsAre(1, 2, 3, 4, 5));
  // 45 frames are 45, 5, 3, 2, 2 and 1 windows; and a row over all frames of each camera, of all, and of
  // everything.
  EXPECT_EQ(report.configurations[0].rows.at(1), 3u * (5 * 45 + 6) + 6);
  EXPECT_EQ(report.configurations[0].rows.at(20), 3u * (5 * 3 + 6) + 6);
  EXPECT_THAT(text_of(report), HasSubstr("nothing is wrong"));
  const auto json = nlohmann::json::parse(json_of(report));
  EXPECT_EQ(json["rows"], made.rows);
  EXPECT_EQ(json["configurations"][0]["rows"]["50"], 3 * (5 * 1 + 6) + 6);
  EXPECT_EQ(time_scan(folder / "set", {}).rows, made.rows);
  const auto timing = time_load(folder / "set", table_of(folder / "set"), {});
  EXPECT_EQ(timing.rows, made.rows);
  EXPECT_GT(timing.peak_mib, 1);
}

TEST(EvaluationMaker, WindowsAreTheMeansOfTheirFrames) {
  const test::TemporaryFolder folder;
  make_evaluation(kSmall, folder / "set", kGoOn);
  const EvaluationData data(folder / "set", table_of(folder / "set"), {.cameras = {1, 2, 3, 4, 5}});
  for (const std::string& scenario : data.scenarios()) {
    const auto frames = data.timeline(scenario, 1), windows = data.timeline(scenario, 20);
    ASSERT_EQ(windows.windows.size(), 3u);
    EXPECT_EQ(windows.windows[2].end_idx, 44);
    for (std::size_t w = 0; w < 3; ++w) {
      EXPECT_EQ(windows.windows[w].start_us, frames.windows[w * 20].start_us);
      for (std::size_t c = 0; c < windows.utilities[w].size(); ++c) {
        double sum = 0;
        for (int i = windows.windows[w].start_idx; i <= windows.windows[w].end_idx; ++i)
          sum += frames.utilities[std::size_t(i)][c];
        EXPECT_NEAR(windows.utilities[w][c],
                    sum / (windows.windows[w].end_idx - windows.windows[w].start_idx + 1), 1e-12);
      }
    }
  }
}

TEST(EvaluationMaker, TheSameSeedMakesTheSameAndAnotherDoesNot) {
  const test::TemporaryFolder folder;
  EvaluationRecipe recipe = kSmall;
  make_evaluation(recipe, folder / "one", kGoOn);
  recipe.threads = 1;
  make_evaluation(recipe, folder / "same", kGoOn);
  recipe.seed = 8;
  make_evaluation(recipe, folder / "other", kGoOn);
  const auto timeline = [&](const char* name) {
    const EvaluationData data(folder / name, table_of(folder / name), {});
    return data.timeline(data.scenarios()[1], 1).utilities;
  };
  EXPECT_EQ(timeline("one"), timeline("same"));
  EXPECT_NE(timeline("one"), timeline("other"));
}

TEST(EvaluationMaker, RegionsAreOneMoreChoice) {
  const test::TemporaryFolder folder;
  EvaluationRecipe recipe = kSmall;
  recipe.regions = true;
  make_evaluation(recipe, folder / "set", kGoOn);
  const auto services = EvaluationData(folder / "set", table_of(folder / "set"), {}).services();
  const auto utility = [&](const char* config) {
    return services[0].options[column(services[0], config)].utility;
  };
  EXPECT_LT(utility("edd2-imgcompNone-inpcomp50-roi60x50+20+30"),
            utility("edd2-imgcompNone-inpcomp50-roi100x50+0+30"));
  EXPECT_NEAR(utility("edd2-imgcompNone-inpcomp50-roi100x50+0+30"), utility("edd2-imgcompNone-inpcomp50"),
              0.03);
}

TEST(EvaluationMaker, LeavesNothingWhenItIsInterrupted) {
  const test::TemporaryFolder folder;
  const std::atomic<bool> stop = true;
  EXPECT_THROW(make_evaluation(kSmall, folder / "set", stop), Interrupted);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(EvaluationMaker, RefusesWhatItCannotMake) {
  const test::TemporaryFolder folder;
  const auto error = [&](EvaluationRecipe recipe, const std::string& name) -> std::string {
    try {
      make_evaluation(recipe, folder / name, kGoOn);
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "";
  };
  std::ofstream(folder / "file") << "x";
  EXPECT_THAT(error(kSmall, "file"),
              HasSubstr("file is there already and not an empty folder: name another"));
  EXPECT_THAT(error(kSmall, ""), HasSubstr("is there already and not an empty folder"));
  EXPECT_EQ(error({.models = {"edd2"}}, "a"), "the first model must be the on-vehicle one, edd1");
  EXPECT_EQ(error({.models = {"edd1", "edd2", "edd2"}}, "a"), "model edd2 stands twice");
  EXPECT_EQ(error({.models = {"edd1", "edd3"}}, "a"),
            "no synthetic model edd3; there are edd1, edd2, edd4, edd6, edd7x");
}

}  // namespace
}  // namespace turbo::lab
