// Every kind of damage to a set of evaluation data, and the line that names it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <random>

#include "evaluation/test_set.h"

namespace turbo {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

struct Damage {
  const char* name;
  std::function<void(TestSet&)> apply;
  std::string line;
  // What loading says; a check reads rows that loading does not, and is not misled by what they leave out.
  std::string loading = "the same";
};

// Row 0 is scenario a, camera 1, frame 0; row 1 its frame 1; row 4 all of its frames; rows 20 to 22 all
// scenarios.
auto in_rows(std::function<void(TestRows&)> edit, const char* config = TestSet::kInput, int size = 1) {
  return [=](TestSet& set) { set.change(config, size, edit); };
}

auto by_query(const char* select) {
  return [=](TestSet& set) { set.rewrite(TestSet::kInput, 1, select); };
}

const std::string kFile = "D2-compress-inputs-50-window_size=1.parquet";
const std::string kFirst = kFile + ": context a, camera 1, frames 0 to 0: ";
const std::string kNames = "; expected at most 200 bytes of UTF-8 without control characters";
constexpr double kInfinity = std::numeric_limits<double>::infinity();

const std::vector<Damage>& damages() {
  static const std::vector<Damage> all = {
      {"AccuracyAboveOne", in_rows([](TestRows& rows) { rows[0].accuracy = 1.5; }),
       kFirst + "mean_average_precision is 1.5; expected 0 to 1"},
      {"AccuracyBelowZero", in_rows([](TestRows& rows) { rows[0].accuracy = -0.25; }),
       kFirst + "mean_average_precision is -0.25; expected 0 to 1"},
      {"AccuracyNotANumber", in_rows([](TestRows& rows) { rows[0].accuracy = std::nan(""); }),
       kFirst + "mean_average_precision is no number; expected 0 to 1"},
      {"AccuracyInfinite", in_rows([](TestRows& rows) { rows[4].accuracy = kInfinity; }),
       kFile + ": context a, camera 1, all frames: mean_average_precision is inf; expected 0 to 1", ""},
      {"GlobalAccuracyInfinite", in_rows([](TestRows& rows) { rows[20].accuracy = -kInfinity; }),
       kFile + ": all contexts, camera 1, all frames: mean_average_precision is -inf; expected 0 to 1"},
      {"CameraTooHigh", in_rows([](TestRows& rows) { rows[0].camera = 6; }),
       kFile + ": context a, all cameras, all frames: camera_id is 6; expected 1 to 5",
       kFile + ": context a, camera 1: no frames 0 to 0, which D1-window_size=1.parquet has"},
      {"CameraZero", in_rows([](TestRows& rows) { rows[22].camera = 0; }),
       kFile + ": all contexts, all cameras, all frames: camera_id is 0; expected 1 to 5", ""},
      {"EndBeforeStart", in_rows([](TestRows& rows) { rows[1].end_idx = 0; }),
       kFile + ": context a, camera 1, frames 1 to 0: window_end_idx is before window_start_idx"},
      {"EndTimeBeforeStart", in_rows([](TestRows& rows) { rows[0].end_us = 4'000'000; }),
       kFirst + "window_end_us is before window_start_us"},
      {"NegativeIndex", in_rows([](TestRows& rows) { rows[0].start_idx = -1; }),
       kFile + ": context a, camera 1, all frames: window_start_idx is -1; expected 0 to 1000000000"},
      {"HalfAWindow", in_rows([](TestRows& rows) { rows[0].end_idx.reset(); }),
       kFile + ": context a, camera 1, all frames: window_end_idx is null where window_start_idx is not"},
      {"OtherHalfOfAWindow", in_rows([](TestRows& rows) { rows[0].start_idx.reset(); }),
       kFile + ": context a, camera 1, all frames: window_start_idx is null where window_end_idx is not",
       kFile + ": context a, camera 1: no frames 0 to 0, which D1-window_size=1.parquet has"},
      {"NoTime", in_rows([](TestRows& rows) { rows[0].start_us.reset(); }),
       kFirst + "window_start_us is null"},
      {"WindowTooLong", in_rows([](TestRows& rows) { rows[0].end_idx = 3; }),
       kFile + ": context a, camera 1, frames 0 to 3: window_end_idx is too far away for a window of 1"},
      {"WindowTwiceWithDifferentAccuracy", in_rows([](TestRows& rows) {
         rows.push_back(rows[1]);
         rows.back().accuracy = 0.125;
       }),
       kFile + ": context a, camera 1: frames 1 to 1 stand twice, with an accuracy of 0.453125 and of 0.125"},
      {"WindowTwiceAtDifferentTimes", in_rows([](TestRows& rows) {
         rows.push_back(rows[1]);
         rows.back().end_us = 5'150'000;
       }),
       kFile + ": context a, camera 1: frames 1 to 1 stand twice, at 5100000 to 5100000 us and at 5100000 to "
               "5150000 us"},
      {"GlobalRowTwice", in_rows([](TestRows& rows) {
         rows.push_back(rows[20]);
         rows.back().accuracy = 0.125;
       }),
       kFile + ": all contexts, camera 1, all frames stand twice, with an accuracy of 0.53125 and of 0.125"},
      {"WindowsThatContradictEachOther", in_rows([](TestRows& rows) {
         rows[0].end_idx = 1, rows.insert(rows.begin(), rows[0]), rows[0].end_idx = 0;
       }),
       kFile + ": context a, camera 1: windows contradict each other: frames 0 to 0 and frames 0 to 1"},
      {"TimeGoesBack", in_rows([](TestRows& rows) { rows[2].start_us = rows[2].end_us = 5'050'000; }),
       kFile +
           ": context a, camera 1: frames 2 to 2 at 5050000 to 5050000 us do not come after frames 1 to 1 at "
           "5100000 to 5100000 us"},
      {"OtherTimesThanAnotherModel", in_rows([](TestRows& rows) { rows[3].end_us = 5'399'999; }),
       kFile + ": context a, camera 1: frames 3 to 3 are at 5300000 to 5399999 us, in "
               "D1-window_size=1.parquet at "
               "5300000 to 5300000 us"},
      {"AWindowLess", in_rows([](TestRows& rows) { rows.erase(rows.begin() + 1); }),
       kFile + ": context a, camera 1: no frames 1 to 1, which D1-window_size=1.parquet has"},
      {"AWindowMore", in_rows([](TestRows& rows) {
         rows.push_back({"b", 2, 4, 4, 9'400'000, 9'400'000, 0.5});
       }),
       kFile + ": context b, camera 2: frames 4 to 4, which D1-window_size=1.parquet has not"},
      {"OtherWindows", in_rows([](TestRows& rows) { rows[3].start_idx = rows[3].end_idx = 5; }),
       kFile + ": context a, camera 1: no frames 3 to 3, which D1-window_size=1.parquet has"},
      {"ScenarioMissing", in_rows([](TestRows& rows) {
         std::erase_if(rows, [](const TestRow& row) { return row.context == "b"; });
       }),
       kFile + ": context b, camera 1: no windows, D1-window_size=1.parquet has them"},
      {"ScenarioTooMany", in_rows([](TestRows& rows) {
         rows.push_back({"c", 2, 0, 0, 9'400'000, 9'400'000, 0.5});
       }),
       kFile + ": context c, which edd1-imgcompNone-inpcompNone has not", ""},
      {"ColumnMissing", by_query("SELECT * EXCLUDE (window_end_us) FROM data"),
       kFile + ": no column window_end_us; it has context, camera_id, window_start_idx, window_end_idx, "
               "window_start_us, "
               "mean_average_precision"},
      {"ColumnOfText", by_query("SELECT * REPLACE (camera_id::VARCHAR AS camera_id) FROM data"),
       kFile + ": column camera_id is of type VARCHAR; expected a number"},
      {"AccuracyOfText", by_query("SELECT * REPLACE ('x' AS mean_average_precision) FROM data"),
       kFile + ": column mean_average_precision is of type VARCHAR; expected a number"},
      {"ContextOfNumbers", by_query("SELECT * REPLACE (7 AS context) FROM data"),
       kFile + ": column context is of type INTEGER; expected VARCHAR"},
      {"HalfACamera",
       by_query("SELECT * REPLACE (CASE WHEN window_start_idx = 0 THEN 1.5 ELSE camera_id END::DOUBLE AS "
                "camera_id) FROM data WHERE context IS NULL OR window_start_idx = 0"),
       kFile + ": context a, all cameras, all frames: camera_id is not a whole number",
       kFile + ": context a, camera 1: no windows, D1-window_size=1.parquet has them"},
      {"ContextOfControlCharacters", in_rows([](TestRows& rows) { rows[0].context = "a\n\x1b[2J"; }),
       kFile + ": a context is called \"a??[2J\"" + kNames},
      {"ContextWithoutEnd", in_rows([](TestRows& rows) { rows[0].context = std::string(5'000'000, 'x'); }),
       kFile + ": a context is called \"" + std::string(100, 'x') + "...\"" + kNames},
      {"ColumnsOfControlCharacters", by_query("SELECT * RENAME (window_end_us AS \"\x1b[2J\") FROM data"),
       kFile + ": no column window_end_us; it has context, camera_id, window_start_idx, window_end_idx, "
               "window_start_us, ?[2J, mean_average_precision"},
      {"FileMissing", [](TestSet& set) { std::filesystem::remove(set.file(TestSet::kInput, 1)); },
       kFile + ": missing; there are window sizes 2"},
      {"FileEmpty", [](TestSet& set) { std::ofstream(set.file(TestSet::kInput, 1), std::ios::trunc); },
       kFile + ": cannot be read: File '" + kFile + "' too small to be a Parquet file"},
      {"FileOfSomethingElse",
       [](TestSet& set) { std::ofstream(set.file(TestSet::kInput, 1)) << "a text that is no Parquet file"; },
       kFile + ": cannot be read: No magic bytes found at end of file '" + kFile + "'"},
      {"FolderInPlaceOfAFile",
       [](TestSet& set) {
         std::filesystem::remove(set.file(TestSet::kInput, 1));
         std::filesystem::create_directory(set.file(TestSet::kInput, 1));
       },
       kFile + ": missing"},
  };
  return all;
}

void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }

class EvaluationDamage : public testing::TestWithParam<Damage> {};

TEST_P(EvaluationDamage, IsNamedInOneLine) {
  const Damage& damage = GetParam();
  TestSet set;
  damage.apply(set);
  std::vector<std::string> problems;
  for (const std::string& problem : set.check().problems) problems.push_back(set.plain(problem));
  if (std::string(damage.name) == "FileMissing")
    EXPECT_THAT(problems, ElementsAre(kFile + ": missing; other configurations have this window size"));
  else
    EXPECT_THAT(problems, ElementsAre(damage.line));
  const std::string loading = set.error_of([&] {
    const EvaluationData data = set.open();
    data.for_each_timeline(1, [](const UtilityTimeline&) {});
  });
  EXPECT_EQ(loading, damage.loading == "the same" ? damage.line : damage.loading);
}

INSTANTIATE_TEST_SUITE_P(Each, EvaluationDamage, testing::ValuesIn(damages()),
                         [](const auto& each) { return each.param.name; });

TEST(DamagedEvaluation, AModelWithoutDataIsAnErrorOrANote) {
  const TestSet set;
  const std::string table = "edd4-imgcompNone-inpcomp50,0.6,70\n";
  const std::string line =
      "DIR: no data of edd4-imgcompNone-inpcomp50: expected "
      "efficientdet-d4/efficientdet-d4-compress-inputs-50-window_size=1.parquet or another window size";
  EXPECT_EQ(set.error_of([&] { set.open({.cameras = {1}}, table); }), line);
  EXPECT_EQ(set.plain(set.check({.cameras = {1}}, table).problems.at(0)), line);
  const auto data = set.open({.cameras = {1}, .leave_out_missing = true}, table);
  EXPECT_EQ(set.plain(data.notes().back()), line + ": left out");
  EXPECT_EQ(data.services()[0].options.size(), 5u);
}

TEST(DamagedEvaluation, ConfigurationsOfOneFileAreOneMistake) {
  const TestSet set;
  const std::string table = "edd4-imgcompPNG-inpcompNone,34,270\nedd4-imgcompNone-inpcompPNG,10,150\n";
  EXPECT_EQ(set.error_of([&] { set.open({.cameras = {1}}, table); }),
            "DIR: no data of edd4-imgcompNone-inpcompNone: expected "
            "efficientdet-d4/efficientdet-d4-window_size=1.parquet or another window size");
}

TEST(DamagedEvaluation, ARenamedFolderIsOneNoteAndOneMistake) {
  const TestSet set;
  std::filesystem::rename(set.folder() / "efficientdet-d2", set.folder() / "efficientdet-d3");
  const EvaluationReport report = set.check();
  ASSERT_EQ(report.notes.size(), 1u);
  EXPECT_EQ(set.plain(report.notes[0]),
            "DIR/efficientdet-d3: 6 files are named as data of efficientdet-d2 "
            "(efficientdet-d2-compress-image-75-window_size=1.parquet the first): left aside");
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(set.plain(report.problems[0]),
            "DIR: no data of edd2-imgcompNone-inpcompNone: expected "
            "efficientdet-d2/efficientdet-d2-window_size=1.parquet or another window size; and of 2 more "
            "configurations of table.csv");
}

TEST(DamagedEvaluation, AFileCopiedOverAnothersIsANote) {
  const TestSet set;
  std::filesystem::copy_file(set.file(TestSet::kCloud, 1), set.file(TestSet::kInput, 1),
                             std::filesystem::copy_options::overwrite_existing);
  const EvaluationReport report = set.check();
  EXPECT_THAT(report.problems, testing::IsEmpty());
  ASSERT_EQ(report.notes.size(), 1u);
  EXPECT_EQ(set.plain(report.notes[0]), "D2-window_size=1.parquet: byte for byte the same as " + kFile);
}

// Overall rows alone would be taken for what they say.
TEST(DamagedEvaluation, AnotherSetsFileIsNoticedAtOnce) {
  TestSet set;
  set.change(TestSet::kInput, 2, [](TestRows& rows) {
    std::erase_if(rows, [](const TestRow& row) { return row.context == "b"; });
  });
  EXPECT_EQ(set.error_of([&] { set.open(); }),
            "D2-compress-inputs-50-window_size=2.parquet: its 1 scenarios are not the 2 of "
            "D1-window_size=2.parquet; turbo-evaluation check DIR says what is wrong");
  EXPECT_EQ(set.check().problems.size(), 1u);
}

TEST(DamagedEvaluation, NoneIsNothingToSay) {
  const EvaluationReport report = TestSet().check();
  EXPECT_THAT(report.notes, testing::IsEmpty());
  EXPECT_THAT(report.problems, testing::IsEmpty());
}

TEST(DamagedEvaluation, AModelWithoutARowInTheTableIsANote) {
  TestSet set;
  for (const int size : {1, 2})
    set.write("edd4-imgcompNone-inpcompNone", size, TestSet::rows(TestSet::kCloud, size));
  const auto data = set.open();
  EXPECT_EQ(set.plain(data.notes().back()),
            "DIR: efficientdet-d4: no model edd4 in table.csv: not chosen from");
  EXPECT_EQ(data.services()[0].options.size(), 5u);
}

TEST(DamagedEvaluation, TheVehiclesModelWithoutDataIsAlwaysAnError) {
  const TestSet set;
  std::filesystem::remove_all(set.folder() / "efficientdet-d1");
  EXPECT_EQ(set.error_of([&] { set.open({.cameras = {1}, .leave_out_missing = true}); }),
            "DIR: no data of edd1-imgcompNone-inpcompNone: expected "
            "efficientdet-d1/efficientdet-d1-window_size=1.parquet "
            "or another window size; it is the on-vehicle model");
}

TEST(DamagedEvaluation, RowsOverEverythingMayStandInALaterFileOnly) {
  TestSet set;
  const auto without_overall = [](TestRows& rows) {
    std::erase_if(rows, [](const TestRow& row) { return !row.start_idx && row.camera == 2; });
  };
  set.change(TestSet::kInput, 1, without_overall);
  EXPECT_EQ(set.open().services()[1].options.back().utility,
            TestSet().open().services()[1].options.back().utility);
  set.change(TestSet::kInput, 2, without_overall);
  EXPECT_EQ(set.error_of([&] { set.open(); }), kFile + ": no row over all frames of all contexts, camera 2");
  EXPECT_EQ(set.error_of([&] { set.open({.cameras = {1}}); }), "");
}

TEST(DamagedEvaluation, ARowTwiceWithTheSameAccuracyIsNone) {
  TestSet set;
  set.change(TestSet::kInput, 1, [](TestRows& rows) {
    const TestRows once = rows;
    rows.insert(rows.end(), once.begin(), once.end());
  });
  EXPECT_THAT(set.check().problems, testing::IsEmpty());
  EXPECT_EQ(set.open().timeline("a", 1).windows.size(), 4u);
}

TEST(DamagedEvaluation, EveryDamagedFileIsNamed) {
  TestSet set;
  set.change(TestSet::kInput, 1, [](TestRows& rows) { rows[0].accuracy = 2; });
  set.change(TestSet::kCloud, 2, [](TestRows& rows) { rows[0].accuracy = 3; });
  std::filesystem::remove(set.file(TestSet::kImage, 2));
  std::vector<std::string> problems;
  for (const std::string& problem : set.check().problems) problems.push_back(set.plain(problem));
  EXPECT_THAT(
      problems,
      ElementsAre(
          kFirst + "mean_average_precision is 2; expected 0 to 1",
          "D2-compress-image-75-window_size=2.parquet: missing; other configurations have this window size",
          "D2-window_size=2.parquet: context a, camera 1, frames 0 to 1: mean_average_precision is 3; "
          "expected 0 to 1"));
}

// Whatever becomes of a file's bytes: a line that names it, or rows that pass for right; never a crash.
TEST(DamagedEvaluation, RandomBytesAreSurvived) {
  TestSet set;
  const auto path = set.file(TestSet::kInput, 1);
  std::string whole;
  {
    std::ifstream file(path, std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(file), {});
  }
  std::mt19937 random(4);
  int refused = 0;
  for (int round = 0; round < 90; ++round) {
    std::string damaged = whole;
    if (round % 3 == 0) {
      damaged.resize(random() % whole.size());
    } else {
      const int flips = 1 + int(random() % 8);
      for (int i = 0; i < flips; ++i) damaged[random() % whole.size()] ^= char(1 << random() % 8);
    }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << damaged;
    const std::string line = set.error_of([&] {
      const EvaluationData data = set.open();
      data.timelines(data.scenarios(), 1);
    });
    if (line.empty()) continue;
    ++refused;
    EXPECT_THAT(line, StartsWith(kFile + ": ")) << round;
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  }
  EXPECT_GT(refused, 60);
}

}  // namespace
}  // namespace turbo
