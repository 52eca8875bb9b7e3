#include "lab/experiments/drive_summary.h"

#include <gmock/gmock.h>

#include "lab/experiments/tables.h"

namespace turbo::experiments {
namespace {

using ::testing::HasSubstr;

DriveRow row(const std::string& trace, const std::string& scenario, std::int64_t frames, double utility) {
  DriveRow one{
      .trace = trace, .scenario = scenario, .policy = "static", .allocator = "exact", .budget = "expected"};
  one.rtt_ms = 40;
  one.slo_ms = 150;
  one.clairvoyant = 0.5;
  one.result = {.frames = frames, .offloaded = frames / 2, .in_time = frames / 4, .utility = utility};
  return one;
}

TEST(DriveSummary, IsAMeanByFramesForEachLinkWithTheLeastAndMost) {
  std::vector<DriveRow> rows{row("lte", "a", 100, 0.3), row("lte", "b", 300, 0.5),
                             row("wifi", "a", 100, 0.4)};
  rows[1].result.promised = 0.9;
  rows[1].result.attained = 0.8;
  const auto summaries = summaries_of(rows);
  ASSERT_EQ(summaries.size(), 2u);
  const DriveSummary& lte = summaries[0];
  EXPECT_EQ(lte.mean.trace, "lte");
  EXPECT_EQ(lte.scenarios, 2u);
  EXPECT_EQ(lte.mean.result.frames, 400);
  EXPECT_EQ(lte.mean.result.offloaded, 200);
  EXPECT_NEAR(lte.mean.result.utility, 0.45, 1e-12);
  EXPECT_NEAR(lte.mean.clairvoyant, 0.5, 1e-12);
  EXPECT_EQ(lte.least, 0.3);
  EXPECT_EQ(lte.most, 0.5);
  EXPECT_NEAR(lte.mean.result.attained.value(), 0.8, 1e-12) << "of those that were promised something";
  EXPECT_FALSE(summaries[1].mean.result.promised);
  const std::string table = table_of(summaries);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 3);
  EXPECT_THAT(table, HasSubstr("0.4500  0.3000  0.5000"));
  const std::string each = table_of(rows);
  EXPECT_EQ(std::count(each.begin(), each.end(), '\n'), 4);
}

TEST(DriveSummary, IsHeldAgainstTheFirstOfItsLinkScenarioByScenario) {
  std::vector<DriveRow> rows{row("lte", "a", 100, 0.3),  row("lte", "b", 300, 0.5),
                             row("lte", "c", 100, 0.9),  row("lte", "a", 100, 0.4),
                             row("lte", "b", 300, 0.48), row("wifi", "a", 100, 0.1)};
  rows[3].policy = rows[4].policy = rows[5].policy = "live";
  const auto summaries = summaries_of(rows);
  ASSERT_EQ(summaries.size(), 3u);
  EXPECT_FALSE(summaries[0].to_first);
  EXPECT_NEAR(summaries[1].to_first.value(), (100 * 0.1 - 300 * 0.02) / 400, 1e-12);
  EXPECT_EQ(summaries[1].better, 1u);
  EXPECT_EQ(summaries[1].paired, 2u) << "the first alone drove c";
  EXPECT_FALSE(summaries[2].to_first) << "the first of another link";
  EXPECT_THAT(table_of(summaries), HasSubstr("1 of 2"));
}

TEST(DriveSummary, StandsInTheJsonBesideTheRows) {
  const std::vector<DriveRow> rows{row("lte", "a", 100, 0.3), row("lte", "b", 300, 0.5)};
  const Results summary = results_of(summaries_of(rows));
  const std::string json = json_of({.experiment = "drive"}, {}, &summary);
  EXPECT_THAT(json, HasSubstr(R"("rows":[],"summary":[{"trace":"lte")"));
  EXPECT_THAT(json, HasSubstr(R"("utility":0.45,"least_utility":0.3,"most_utility":0.5)"));
  EXPECT_THAT(json_of({.experiment = "sweep"}), ::testing::Not(HasSubstr("summary")));
}

}  // namespace
}  // namespace turbo::experiments
