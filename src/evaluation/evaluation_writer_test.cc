#include "evaluation/evaluation_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "evaluation/evaluation_check.h"
#include "evaluation/new_evaluation.h"
#include "tests/temporary_folder.h"

namespace turbo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kTable =
    "Model,Network Transport Size [Mb],Runtime [ms]\n"
    "small-imgcompNone-inpcompNone,0,10\n"
    "big-imgcompNone-inpcomp50-roi100x50+0+30,0.4,20\n";

// The best of the frames, which no mean of theirs is; nothing when nothing was seen in any.
class Best {
 public:
  Best() = default;
  explicit Best(double value) : value_(value) {}
  void add(const Best& other) { value_ = std::max(value_, other.value_); }
  std::optional<double> accuracy() const { return value_ < 0 ? std::nullopt : std::optional(value_); }

 private:
  double value_ = -1;
};

std::vector<Best> frames(std::initializer_list<double> values) {
  std::vector<Best> all;
  for (const double value : values) all.emplace_back(value);
  return all;
}

class EvaluationWriterTest : public testing::Test {
 protected:
  // Two scenarios of five frames, of cameras 2 and 5.
  void write(const NewEvaluation& made, const std::string& config, double better) {
    constexpr std::array kSizes{1, 2}, kCameras{2, 5};
    ConfigurationWriter<Best> writer(database_, made.path(), *parse_model_config(config), kSizes, kCameras);
    writer.add_scenario(scenario_name("drive", 7),
                        {frames({.1 + better, .2, .3, .1, .25}), frames({-1, -1, .5, -1, -1})});
    writer.add_scenario(scenario_name("drive", 12), {frames({0, 0, 0, 0, .4}), frames({.7, .1, .1, .1, .1})});
    EXPECT_EQ(writer.finish(), (2u * (2 * 5 + 3) + 3) + (2 * (2 * 3 + 3) + 3));
    EXPECT_EQ(writer.accuracy(), .7);
  }
  void write_both() {
    NewEvaluation made(set_);
    write(made, "small-imgcompNone-inpcompNone", 0);
    write(made, "big-imgcompNone-inpcomp50-roi100x50+0+30", .5);
    made.finish(kTable);
  }
  static ModelTable table() { return parse_model_table(kTable, "table"); }

  test::TemporaryFolder folder_;
  std::filesystem::path set_ = folder_ / "set";
  Database database_{{.memory_limit_bytes = std::size_t{1} << 28}};
};

TEST_F(EvaluationWriterTest, WindowsAreOfTheirFramesTogetherAndAreReadAsWritten) {
  write_both();
  const EvaluationData data(set_, table(), {.onvehicle_model = "small", .cameras = {2, 5}});
  EXPECT_THAT(data.scenarios(), ElementsAre("drive-000007", "drive-000012"));
  EXPECT_THAT(data.window_sizes(), ElementsAre(1, 2));
  const auto windows = data.timeline("drive-000007", 2);
  ASSERT_EQ(windows.windows.size(), 3u);
  EXPECT_EQ(windows.windows[1].start_idx, 2);
  EXPECT_EQ(windows.windows[2].end_idx, 4);
  EXPECT_EQ(windows.windows[1].start_us - windows.windows[0].start_us, 200'000);
  EXPECT_EQ(windows.windows[2].end_us, windows.windows[2].start_us);
  // Small and big of camera 2, then of camera 5, whose first and last windows are empty.
  EXPECT_THAT(windows.utilities[0], ElementsAre(.2, .6, 1, 1));
  EXPECT_THAT(windows.utilities[1], ElementsAre(.3, .3, .5, .5));
  EXPECT_THAT(windows.utilities[2], ElementsAre(.25, .25, 1, 1));
  EXPECT_GT(data.timeline("drive-000012", 1).windows[0].start_us, windows.windows[2].end_us);
  const auto services = data.services();
  EXPECT_EQ(services[0].options[0].utility, .4);
  EXPECT_EQ(services[0].options[1].utility, .6);
  EXPECT_EQ(data.services_of("drive-000007")[1].options[0].utility, .5);
}

TEST_F(EvaluationWriterTest, NothingIsWrongWithASetOfAnyCameras) {
  write_both();
  const auto report = check_evaluation(set_, table(), {.onvehicle_model = "small"}, [](std::size_t) {});
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_THAT(report.cameras, ElementsAre(2, 5));
  EXPECT_EQ(report.configurations.size(), 2u);
  std::ostringstream written;
  written << std::ifstream(set_ / "model_info.csv").rdbuf();
  EXPECT_EQ(written.str(), kTable);
}

TEST(EvaluationNames, AModelIsHeldWhoseFolderIsReadAsItsOwn) {
  for (const char* name : {"td1", "edd1", "edd7x", "edd", "efficientdet", "a.b-c_d"})
    EXPECT_TRUE(evaluation_can_hold(name)) << name;
  for (const char* name : {"efficientdet-d4", ".hidden", ".", ".."})
    EXPECT_FALSE(evaluation_can_hold(name)) << name;
  EXPECT_EQ(scenario_name("a", 3), "a-000003");
  EXPECT_EQ(scenario_name("a", 12345678), "a-12345678");
}

}  // namespace
}  // namespace turbo
