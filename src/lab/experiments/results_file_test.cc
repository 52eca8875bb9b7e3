// What may be written over, and what of a damaged file is found.
#include "lab/experiments/results_file.h"

#include <gmock/gmock.h>

#include <fstream>
#include <limits>

#include "lab/experiments/identity.h"
#include "lab/experiments/result_rows.h"
#include "lab/experiments/row_reader.h"
#include "lab/experiments/test_scenario.h"
#include "tests/temporary_folder.h"

namespace turbo::experiments {
namespace {

using ::testing::HasSubstr;

SweepRow sound_row() {
  SweepRow row{.scenario = "a", .policy = "static", .allocator = "exact", .point = {10, 40, 150}};
  row.services = row.frames = 1;
  return row;
}

std::string refusal(const std::filesystem::path& file) {
  try {
    check_results_file("--results", file, "sweep");
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(ResultsFile, OnlyOlderResultsOfTheSameExperimentAreReplaced) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(refusal(folder / "new.parquet"), "");
  EXPECT_EQ(refusal(folder / "made/on/the/way/new.parquet"), "");
  write_parquet(results_of(std::vector<SweepRow>{sound_row()}, Origin{}), folder / "in/sweep.parquet");
  EXPECT_EQ(refusal(folder / "in/sweep.parquet"), "");
  write_parquet(results_of(std::vector<DriveRow>{}, Origin{}), folder / "drive.parquet");
  EXPECT_THAT(refusal(folder / "drive.parquet"), HasSubstr("holds no results of turbo-simulate sweep"));
  std::ofstream(folder / "notes") << "mine";
  EXPECT_THAT(refusal(folder / "notes"), HasSubstr("holds no results"));
  EXPECT_THAT(refusal(folder / "notes/x.parquet"), HasSubstr("no folder"));
  std::filesystem::create_symlink(folder / "in/sweep.parquet", folder / "link");
  EXPECT_THAT(refusal(folder / "link"), HasSubstr("a link"));
  EXPECT_THAT(refusal("/dev/full"), HasSubstr("no file"));
  EXPECT_THAT(refusal(folder / "in"), HasSubstr("not a folder"));
}

TEST(DamagedResults, AValueThatCannotBeIsNamed) {
  const test::TemporaryFolder folder;
  const auto reads = [&](auto spoil) -> std::string {
    SweepRow row = sound_row();
    spoil(row);
    write_parquet(results_of(std::vector<SweepRow>{row}, Origin{}), folder / "file");
    try {
      read_rows({folder / "file"});
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };
  EXPECT_EQ(reads([](SweepRow&) {}), "");
  EXPECT_EQ(reads([](SweepRow& row) { row.result.utility = 1e45; }),
            (folder / "file") + ": damaged: column utility has 1e+45: expected 0 to 1");
  EXPECT_THAT(reads([](SweepRow& row) { row.clairvoyant = std::nan(""); }), HasSubstr("column clairvoyant"));
  EXPECT_THAT(reads([](SweepRow& row) { row.point.rtt_ms = std::numeric_limits<double>::infinity(); }),
              HasSubstr("column rtt_ms"));
  EXPECT_THAT(reads([](SweepRow& row) { row.frames = -1; }), HasSubstr("column frames"));
}

TEST(DamagedResults, AScenarioWithoutSomeOfTheGridIsNamed) {
  const test::TemporaryFolder folder;
  std::vector<SweepRow> rows(3, sound_row());
  rows[1].point.bandwidth_mbps = 20;
  rows[2].scenario = "b";
  write_parquet(results_of(rows, Origin{}), folder / "file");
  try {
    read_rows({folder / "file"});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("scenario b, policy static, allocator exact has 1 of the 2 points"));
  }
}

TEST(ResultsFile, NamesAreReadInTheOrderInWhichTheyWereWritten) {
  const test::TemporaryFolder folder;
  std::vector<DriveRow> rows;
  for (const char* trace : {"wifi", "lte"})
    for (const char* scenario : {"b", "a"})
      for (const char* policy : {"static", "live", "recent:10"})
        rows.push_back(
            {.trace = trace, .scenario = scenario, .policy = policy, .allocator = "exact", .budget = "x"});
  for (DriveRow& row : rows) row.services = 1, row.result.frames = 1;
  write_parquet(results_of(rows, Origin{}), folder / "file");
  std::string order;
  for (const DriveRow& row : read_rows({folder / "file"}).drive)
    order += row.trace[0] + row.scenario + row.policy[0] + " ";
  EXPECT_EQ(order, "was wal war wbs wbl wbr las lal lar lbs lbl lbr ");
}

TEST(DamagedResults, AFilesNameStandsOnceInWhatItsReadingSays) {
  EXPECT_EQ(told_of("/a/b", "No magic bytes at end of file '/a/b'"),
            "/a/b: no whole Parquet file: No magic bytes at end of file");
  EXPECT_EQ(told_of("/a/b", "/a/b: damaged"), "/a/b: damaged");
}

TEST(Identity, IsReadBackAndItsFirstDifferenceTold) {
  const Identity one{{"data", "2 scenarios, 0"}, {"fps", "10"}};
  EXPECT_EQ(parse_identity(text_of(one)), one);
  EXPECT_EQ(first_difference(one, one), "");
  EXPECT_EQ(first_difference(one, {{"data", "2 scenarios, 1"}, {"fps", "5"}}), "--fps 10 and 5");
  EXPECT_EQ(first_difference(one, {{"data", "2 scenarios, 1"}, {"fps", "10"}}),
            "data 2 scenarios, 0 and 2 scenarios, 1");
}

TEST(Identity, OfDataIsByNamesAndUtilities) {
  const std::vector<std::string> names{"a", "b"};
  std::vector<Service> services{test_camera(1)};
  const std::string whole = fingerprint(names, services);
  EXPECT_EQ(whole.find("2 scenarios, "), 0u) << whole;
  EXPECT_NE(fingerprint(std::vector<std::string>{"a", "c"}, services), whole);
  services[0].options[1].utility += 1e-12;
  EXPECT_NE(fingerprint(names, services), whole);
}

}  // namespace
}  // namespace turbo::experiments
