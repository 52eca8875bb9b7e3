#include "lab/experiments/figures.h"

#include <gtest/gtest.h>

#include "lab/experiments/test_scenario.h"
#include "tests/temporary_folder.h"

namespace turbo::experiments {
namespace {

SweepRow row(const std::string& scenario, const std::string& policy, const std::string& allocator,
             double mbps, double utility, std::int64_t frames) {
  SweepRow one{.scenario = scenario, .policy = policy, .allocator = allocator, .point = {mbps, 40, 150}};
  one.services = 1;
  one.frames = frames;
  one.vehicle_utility = 0.2;
  one.clairvoyant = 0.6;
  one.result.utility = utility;
  return one;
}

TEST(Figures, ASweepsMeansAreByFrames) {
  const std::vector<SweepRow> rows{
      row("a", "static", "exact", 10, 0.3, 100), row("b", "static", "exact", 10, 0.5, 300),
      row("a", "static", "exact", 20, 0.5, 100), row("b", "static", "exact", 20, 0.5, 300),
      row("a", "static", "equal", 10, 0.2, 100), row("b", "static", "equal", 10, 0.4, 300),
      row("a", "oracle", "exact", 10, 0.6, 100), row("b", "oracle", "exact", 10, 0.6, 300)};
  const auto figures = sweep_figures(rows, "caption");
  ASSERT_EQ(figures.size(), 4u);
  const figure::Panel& utility = figures[0].figure.panels.at(0);
  ASSERT_EQ(utility.series.size(), 3u);
  EXPECT_EQ(utility.series[0].name, "clairvoyant");
  EXPECT_EQ(utility.series[1].name, "exact");
  EXPECT_EQ(utility.series[1].mark, figure::Mark::kSteps);
  EXPECT_EQ(utility.series[1].x, (std::vector<double>{10, 20}));
  EXPECT_NEAR(utility.series[1].y[0], 0.45, 1e-12);
  const figure::Panel& gain = figures[1].figure.panels.at(0);
  EXPECT_NEAR(gain.series[1].y[0], 25, 1e-9);
  EXPECT_NEAR(gain.series[0].y[0], 40, 1e-9);
  const figure::Figure& cost = figures[2].figure;
  ASSERT_EQ(cost.panels.size(), 2u);
  EXPECT_EQ(cost.panels[0].x.categories, (std::vector<std::string>{"static", "oracle"}));
  EXPECT_EQ(cost.panels[0].series[0].texts, (std::vector<std::string>{"12.50", "0.00"}));
  EXPECT_NEAR(cost.panels[0].series[0].y[0], (15 + 10) / 2.0, 1e-9);
  EXPECT_EQ(cost.panels[1].x.categories, (std::vector<std::string>{"equal"}));
  EXPECT_EQ(cost.panels[0].y.high, cost.panels[1].y.high);
  EXPECT_NEAR(cost.panels[1].series[0].y[0], 10, 1e-9);
  EXPECT_EQ(figures[3].name, "policies");
  EXPECT_EQ(figures[3].figure.panels.at(0).series.at(1).name, "static");
  EXPECT_NE(figures[0].figure.caption.find("the 2 bandwidths tried"), std::string::npos);
  EXPECT_NE(figures[0].figure.caption.find("up to 10 Mbps before"), std::string::npos);
}

TEST(Figures, OfASweepAreOfThePolicyThatIsAskedFor) {
  const std::vector<SweepRow> rows{row("a", "static", "exact", 10, 0.3, 1),
                                   row("a", "live", "exact", 10, 0.4, 1)};
  const auto figures = sweep_figures(rows, "", "live");
  EXPECT_NEAR(figures.at(0).figure.panels.at(0).series.at(1).y.at(0), 0.4, 1e-12);
  EXPECT_NE(figures.at(0).figure.title.find("live"), std::string::npos);
  EXPECT_THROW(sweep_figures(rows, "", "oracle"), std::invalid_argument);
}

TEST(Figures, LinesOnEachOtherAreOne) {
  std::vector<SweepRow> rows{row("a", "static", "exact", 10, 0.3, 1),
                             row("a", "static", "greedy", 10, 0.3, 1),
                             row("a", "static", "equal", 10, 0.2, 1)};
  const auto names = [&] {
    std::string all;
    const auto figures = sweep_figures(rows, "");
    for (const auto& series : figures.at(0).figure.panels.at(0).series) all += series.name + "; ";
    return all;
  };
  EXPECT_EQ(names(), "clairvoyant; exact = greedy; equal; ");
  for (auto& one : rows) one.clairvoyant = 0.3, one.result.utility = 0.3;
  EXPECT_EQ(names(), "clairvoyant = exact = greedy = equal; ");
  rows[0].clairvoyant = rows[1].clairvoyant = rows[2].clairvoyant = 0.6;
  rows[2].result.utility = 0.2;
  rows[1].result.utility = 0.29;
  EXPECT_EQ(names(), "clairvoyant; exact; greedy; equal; ");
}

TEST(Figures, ACaptionOfSeveralFilesNamesNoShard) {
  const Origin one{3, "turbo-simulate sweep --shard 1/8 --rtt 40 --results 'of one.parquet'"};
  EXPECT_EQ(caption_of(one), one.command_line + " (seed 3)");
  EXPECT_EQ(caption_of({3, one.command_line, 8}), "turbo-simulate sweep --rtt 40 (seed 3), 8 files");
}

DriveRow drive_row(const std::string& policy, const std::string& allocator, const std::string& budget) {
  DriveRow one{.trace = "lte", .scenario = "a", .policy = policy, .allocator = allocator, .budget = budget};
  one.rtt_ms = 40;
  one.slo_ms = 150;
  one.clairvoyant = 0.5;
  one.result.frames = one.result.offloaded = 10;
  one.result.vehicle_utility = 0.3;
  one.result.utility = 0.4;
  one.result.promised = 0.9;
  one.result.attained = 0.88;
  return one;
}

TEST(Figures, DrivesAreGainsOverTheVehicleBesideTheClairvoyants) {
  std::vector<DriveRow> rows(5, drive_row("live", "exact", "promise:0.9"));
  for (int i = 0; i < 5; ++i) {
    rows[i].scenario = std::string(1, static_cast<char>('a' + i));
    rows[i].result.utility = 0.31 + 0.01 * i;
  }
  rows[4].result.utility = 0.46;
  const auto figures = drive_figures(rows, "caption");
  ASSERT_EQ(figures.size(), 2u);
  const figure::Panel& panel = figures[0].figure.panels.at(0);
  ASSERT_EQ(panel.series.size(), 2u);
  EXPECT_NEAR(panel.series[0].y.at(0), (1 + 2 + 3 + 4 + 16) / 5.0, 1e-9);
  EXPECT_NEAR(panel.series[0].low.at(0), 2, 1e-9);
  EXPECT_NEAR(panel.series[0].high.at(0), 4, 1e-9);
  EXPECT_EQ(panel.series[0].texts.at(0), "5.20   26 %");
  EXPECT_EQ(panel.series[1].name, "clairvoyant");
  EXPECT_EQ(panel.series[1].mark, figure::Mark::kReference);
  EXPECT_NEAR(panel.series[1].y.at(0), 20, 1e-9);
  const figure::Panel& promises = figures[1].figure.panels.at(0);
  EXPECT_NEAR(promises.series.at(0).y.at(0), 88, 1e-9);
  EXPECT_EQ(promises.series.at(2).mark, figure::Mark::kReference);
  const test::TemporaryFolder folder;
  const auto files = write_figures(figures, folder / "new", "svg");
  ASSERT_EQ(files.size(), 2u);
  for (const std::string& file : files) EXPECT_GT(std::filesystem::file_size(file), 1'000u);
}

TEST(Figures, ADrivesPanelsAndBarsSayWhatIsNotTheSameEverywhere) {
  std::vector<DriveRow> rows;
  for (const char* policy : {"static", "live"})
    for (const char* allocator : {"exact", "equal"})
      for (const double slo : {100.0, 150.0}) {
        rows.push_back(drive_row(policy, allocator, "share:0.85"));
        rows.back().slo_ms = slo;
        rows.back().result.utility = slo / 1000 + 0.3;
      }
  const figure::Figure drives = drive_figures(rows, "").at(0).figure;
  ASSERT_EQ(drives.panels.size(), 2u);
  EXPECT_EQ(drives.panels[0].title, "allocator exact, budget share:0.85");
  EXPECT_EQ(drives.panels[1].title, "allocator equal, budget share:0.85");
  const auto& panel = drives.panels[0];
  EXPECT_EQ(panel.x.categories,
            (std::vector<std::string>{"lte\nRTT 40 ms\nSLO 100 ms", "lte\nRTT 40 ms\nSLO 150 ms"}));
  ASSERT_EQ(panel.series.size(), 3u);
  EXPECT_EQ(panel.series[0].name + " " + panel.series[1].name, "static live");
  EXPECT_NEAR(panel.series[0].y[1], 15, 1e-9);
}

TEST(Figures, EveryPolicyAllocatorAndBudgetHasPromisesOfItsOwn) {
  std::vector<DriveRow> rows;
  for (const char* policy : {"static", "live", "recent:10"})
    for (const char* allocator : {"exact", "equal"})
      for (const char* budget : {"expected", "promise:0.8"})
        rows.push_back(drive_row(policy, allocator, budget));
  rows.push_back(drive_row("live", "equal", "expected"));
  rows.back().scenario = "b";
  rows.back().result.offloaded = 30;
  rows.back().result.promised = rows.back().result.attained = 0.5;
  rows.front().result.promised.reset();
  const figure::Figure some = drive_figures(rows, "").at(1).figure;
  ASSERT_EQ(some.panels.size(), 11u) << "the first promised nothing";
  EXPECT_EQ(some.panels[0].title, "static, exact, promise:0.8");
  rows.front().result.promised = 0.7;
  const figure::Figure all = drive_figures(rows, "").at(1).figure;
  ASSERT_EQ(all.panels.size(), 12u);
  EXPECT_EQ(all.columns, 4u) << "a row a policy";
  EXPECT_EQ(all.panels[6].title, "live, equal, expected");
  EXPECT_EQ(all.panels[6].series.at(0).x.size(), 2u);
  EXPECT_NEAR(all.panels[6].series.at(1).x.at(0), (10 * 90 + 30 * 50) / 40.0, 1e-9);
}

TEST(Figures, APromiseThatWasHardlyKeptIsWithinTheAxes) {
  DriveRow one{.trace = "lte", .policy = "live", .allocator = "exact", .budget = "promise:0.9"};
  one.result.promised = 0.95;
  one.result.attained = 0.07;
  const auto figures = drive_figures({one}, "");
  EXPECT_EQ(figures.at(1).figure.panels[0].y.low, 0);
  EXPECT_EQ(figures.at(1).figure.panels[0].x.low, 0);
}

TEST(Figures, MoreSettingsThanPanelsAreTold) {
  std::vector<SweepRow> rows;
  for (int rtt = 0; rtt < 13; ++rtt) {
    rows.push_back(row("a", "static", "exact", 10, 0.3, 1));
    rows.back().point.rtt_ms = rtt;
    rows.back().result.utility = 0.3 + 0.01 * rtt;
  }
  const figure::Figure utility = sweep_figures(rows, "").at(0).figure;
  EXPECT_EQ(utility.panels.size(), 12u);
  EXPECT_NE(utility.title.find("12 of 13"), std::string::npos) << utility.title;
  EXPECT_EQ(utility.columns, 0u);
  for (const auto& panel : utility.panels) EXPECT_EQ(panel.y.high, utility.panels[0].y.high);
}

TEST(Figures, ASweepsPanelsHaveARowForEverySloAndAColumnForEveryRtt) {
  std::vector<SweepRow> rows;
  for (const double slo : {200.0, 100.0})
    for (const double rtt : {10.0, 40.0, 80.0, 120.0}) {
      rows.push_back(row("a", "static", "exact", 10, 0.3, 1));
      rows.back().point.slo_ms = slo;
      rows.back().point.rtt_ms = rtt;
    }
  rows.erase(rows.begin() + 2);
  const figure::Figure utility = sweep_figures(rows, "").at(0).figure;
  EXPECT_EQ(utility.columns, 4u);
  ASSERT_EQ(utility.panels.size(), 8u);
  EXPECT_EQ(utility.panels[0].title, "SLO 100 ms, RTT 10 ms");
  EXPECT_EQ(utility.panels[6].title, "SLO 200 ms, RTT 80 ms");
  EXPECT_TRUE(utility.panels[6].series.empty()) << "it was not swept";
  EXPECT_EQ(utility.panels[7].series.size(), 2u);
}

TEST(Figures, OfNothingThereAreNone) {
  EXPECT_TRUE(sweep_figures({}, "").empty());
  EXPECT_TRUE(drive_figures({}, "").empty());
}

}  // namespace
}  // namespace turbo::experiments
