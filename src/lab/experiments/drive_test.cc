#include "lab/experiments/drive.h"

#include <gtest/gtest.h>

#include "lab/experiments/drive_experiment.h"
#include "lab/experiments/result_rows.h"
#include "lab/experiments/test_scenario.h"
#include "lab/experiments/variants.h"
#include "tests/temporary_folder.h"

namespace turbo::experiments {
namespace {

using std::chrono::seconds;
const std::atomic<bool> kNeverStopped = false;
constexpr double kRounding = 1e-9;

ScenarioData table_of(int cameras) {
  ScenarioData table{.name = "table"};
  for (int id = 1; id <= cameras; ++id) table.global.push_back(test_camera(id));
  table.own = table.global;
  return table;
}

DriveSettings over(double mbps) {
  return {.link = {.name = "constant", .rate_mbps = mbps, .rtt_ms = 40}, .duration = seconds(20)};
}

Planner planner(const ScenarioData& data, const std::string& policy = "static",
                const std::string& allocator = "exact", const std::string& budget = "share:0.85") {
  return Planner({}, make_policy(policy, data, Time(std::chrono::hours(1)), seconds(20)),
                 allocator_named(allocator), make_budget(budget));
}

TEST(Clairvoyant, OverAConstantLinkItIsTheBestAllocation) {
  const Truth truth(table_of(2).global, std::nullopt, {}, 1);
  const auto best = [&](double mbps) { return 2 * clairvoyant_utility(over(mbps), truth, Foresight::kAll); };
  const double headers = 1500.0 / 1426;  // of a packet on the link, over its payload
  EXPECT_NEAR(best(9), 0.4, kRounding);
  EXPECT_NEAR(best(10.01 * headers), 0.6, kRounding);
  EXPECT_NEAR(best(20.02 * headers), 0.8, kRounding) << "two at 10";
  EXPECT_NEAR(best(30.02 * headers), 0.9, kRounding);
  EXPECT_NEAR(best(40.1 * headers), 1.0, kRounding);
}

TEST(Clairvoyant, KnowsEveryFrameOrOnlyTheLink) {
  const ScenarioData data = test_scenario("a");
  const Truth truth(data.global, data.frames, {}, 1);
  DriveSettings settings = over(100);
  settings.duration = std::chrono::milliseconds(100 * 400);
  EXPECT_NEAR(4 * clairvoyant_utility(settings, truth, Foresight::kAll), 0.6 + 0.7 + 0.8 + 0.6, 0.01);
  EXPECT_NEAR(4 * clairvoyant_utility(settings, truth, Foresight::kLinkAndCosts), 0.6 + 0.3 + 0.4 + 0.5,
              0.01);
}

TEST(Clairvoyant, SeesTheCapacityWhileAFrameCanBeSent) {
  // 30 Mbps for the first 70 ms of every 100, nothing in the rest: a frame has 60 ms.
  auto trace = std::make_shared<DeliveryTrace>();
  for (std::uint32_t ms = 0; ms < 70; ++ms)
    for (int i = 0; i < (ms % 2 == 0 ? 2 : 3); ++i) trace->opportunities_ms.push_back(ms);
  trace->opportunities_ms.push_back(100);
  DriveSettings settings = over(0);
  settings.link.trace = trace;
  const Truth truth(table_of(1).global, std::nullopt, {}, 1);
  EXPECT_NEAR(clairvoyant_utility(settings, truth, Foresight::kAll), 0.5, kRounding)
      << "21 Mbps would do on average";
  Truth slow({test_camera(1)}, std::nullopt, {}, 1);
  settings.link.rtt_ms = 90;  // 10 ms are left: 60 or 120 Mbps would be needed
  EXPECT_NEAR(clairvoyant_utility(settings, slow, Foresight::kAll), 0.2, kRounding);
}

TEST(Drive, OverAWideLinkNearlyEveryFrameHasTheBestAnswer) {
  const ScenarioData table = table_of(2);
  const Truth truth(table.global, std::nullopt, {}, 1);
  const DriveResult result = drive(over(100), truth, planner(table));
  EXPECT_EQ(result.frames, 2 * 199);
  EXPECT_GT(result.in_time, 0.97 * static_cast<double>(result.offloaded));
  EXPECT_GT(result.utility, 0.45);
  EXPECT_LT(result.utility, 0.5) << "the first decisions know nothing of the link";
  EXPECT_NEAR(result.vehicle_utility, 0.2, kRounding);
  EXPECT_NEAR(result.capacity_mbps, 100, 1);
  EXPECT_FALSE(result.promised);
  EXPECT_LE(result.changes_per_minute, 18) << "six in all, at the beginning";
}

TEST(Drive, WhatDoesNotFitStaysOnTheVehicle) {
  const ScenarioData table = table_of(2);
  const Truth truth(table.global, std::nullopt, {}, 1);
  const DriveResult narrow = drive(over(5), truth, planner(table));
  EXPECT_EQ(narrow.offloaded, 0);
  EXPECT_NEAR(narrow.utility, 0.2, kRounding);
  const DriveResult vehicle = drive(over(100), truth, planner(table, "static", "vehicle"));
  EXPECT_EQ(vehicle.offloaded, 0);
}

TEST(Drive, LateAnswersAreTheVehicles) {
  const ScenarioData table = table_of(1);
  std::vector<Service> slower = table.global;  // than the table says
  for (ModelOption& option : slower[0].options) option.runtime_ms += 200;
  const Truth truth(slower, std::nullopt, {}, 1);
  const DriveResult result = drive(over(100), truth, planner(table));
  EXPECT_GT(result.offloaded, 100);
  EXPECT_EQ(result.in_time, 0);
  EXPECT_NEAR(result.utility, 0.2, kRounding);
  const DriveResult live = drive(over(100), truth, planner(table, "live"));
  EXPECT_LT(live.offloaded, result.offloaded / 2) << "it is measured that nothing is in time";
}

TEST(Drive, AConfigurationOfHalfTheRateSendsHalfTheFrames) {
  ScenarioData table = table_of(1);
  table.global[0].options.erase(table.global[0].options.begin() + 1);
  table.global[0].options[1].config += "-fps5";
  table.global[0].options[1].duty = 0.5;
  const Truth truth(table.global, std::nullopt, {}, 1);
  const DriveResult result = drive(over(100), truth, planner(table));
  EXPECT_GT(result.offloaded, 80) << "of 199, but for the first decisions";
  EXPECT_LE(result.offloaded, 100);
}

TEST(Drive, PromisesAreSetAgainstWhatCameOfThem) {
  const ScenarioData table = table_of(2);
  const Truth truth(table.global, std::nullopt, {.size_spread = 0.2}, 1);
  const DriveResult result = drive(over(30), truth, planner(table, "static", "exact", "promise:0.8"));
  ASSERT_TRUE(result.promised && result.attained);
  EXPECT_GT(*result.promised, 0.7);
  EXPECT_NEAR(*result.attained, static_cast<double>(result.in_time) / static_cast<double>(result.offloaded),
              0.02);
}

DriveRequest request() {
  DriveRequest all;
  all.links = make_links({.traces = {"lte"}, .rates_mbps = {25}, .duration_s = 5.0});
  all.scenarios = {test_scenario("a"), test_scenario("b")};
  all.policies = {"static", "recent:1", "oracle", "live"};
  all.allocators = {"exact", "equal"};
  all.budgets = {"share:0.85"};
  all.disturbance = {0.2, 0.2, 0.2, 0.2};
  return all;
}

std::string text(const std::vector<DriveRow>& rows) { return json_of(results_of(rows, {1, "drive"})); }

TEST(Drives, TheNumberOfThreadsAndOtherRowsChangeNothing) {
  const auto one = run_drives(request(), 1, kNeverStopped, [] {});
  ASSERT_EQ(one.size(), 2u * 2 * 4 * 2);
  EXPECT_EQ(text(run_drives(request(), 4, kNeverStopped, [] {})), text(one));
  DriveRequest part = request();
  part.scenarios.erase(part.scenarios.begin());
  part.links.erase(part.links.begin());
  const auto alone = run_drives(part, 1, kNeverStopped, [] {});
  EXPECT_EQ(text(alone), text({one.end() - static_cast<std::ptrdiff_t>(alone.size()), one.end()}));
}

TEST(Drives, AreToldByTheSloOfTheCamerasWhicheverServiceComesFirst) {
  DriveRequest two = request();
  Service motion = test_camera(6);
  motion.slo_ms = 250;
  two.scenarios = {{.name = "table", .global = {motion, test_camera(1)}, .own = {motion, test_camera(1)}}};
  two.links.pop_back();
  two.slos_ms = {100, 200};
  two.policies = {"static"};
  two.allocators = {"exact"};
  const auto rows = run_drives(two, 1, kNeverStopped, [] {});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].slo_ms, 100);
  EXPECT_EQ(rows[1].slo_ms, 200);
}

TEST(Drives, AreReadBackAsTheyWereWritten) {
  const test::TemporaryFolder folder;
  DriveRequest small = request();
  small.policies = {"static"};
  small.budgets = {"promise:0.8"};
  const auto rows = run_drives(small, 1, kNeverStopped, [] {});
  write_parquet(results_of(rows, {1, "drive"}), folder / "drives.parquet");
  const ReadRows read = read_rows({folder / "drives.parquet"});
  ASSERT_EQ(read.drive.size(), rows.size());
  EXPECT_TRUE(read.sweep.empty());
  double utility = 0;
  for (const DriveRow& row : rows) utility += row.result.utility;
  for (const DriveRow& row : read.drive) utility -= row.result.utility;
  EXPECT_NEAR(utility, 0, 1e-12);
}

TEST(Drives, RefuseWhatCannotBeDriven) {
  const auto refused = [](auto spoil) {
    DriveRequest bad = request();
    spoil(bad);
    EXPECT_THROW(run_drives(bad, 1, kNeverStopped, [] { ADD_FAILURE() << "too late"; }),
                 std::invalid_argument);
  };
  refused([](DriveRequest& r) { r.policies = {"best"}; });
  refused([](DriveRequest& r) { r.allocators = {"best"}; });
  refused([](DriveRequest& r) { r.budgets = {"share"}; });
  refused([](DriveRequest& r) { r.budgets = {"share:2"}; });
  refused([](DriveRequest& r) { r.budgets = {"promise:1"}; });
  refused([](DriveRequest& r) { r.links[0].duration = std::chrono::milliseconds(100); });
  refused([](DriveRequest& r) {
    r.scenarios[0].global[0].frames_per_s = 3, r.scenarios[0].global.push_back(test_camera(2));
  });
}

TEST(Links, ARotatedTraceCarriesTheSame) {
  const DeliveryTrace trace{{10, 10, 40, 90, 100}};
  EXPECT_EQ(rotated(trace, 0)->opportunities_ms, trace.opportunities_ms);
  EXPECT_EQ(rotated(trace, 0.5)->opportunities_ms, (std::vector<std::uint32_t>{40, 50, 60, 60, 90, 100}));
  EXPECT_EQ(rotated(trace, 0.4)->opportunities_ms, (std::vector<std::uint32_t>{50, 60, 70, 70, 100}));
}

TEST(Links, AreNamedByRecipeRateOrFile) {
  const auto links =
      make_links({.traces = {"lte"}, .rates_mbps = {2.5}, .rtts_ms = {20, 70}, .duration_s = 3.0});
  ASSERT_EQ(links.size(), 4u);
  EXPECT_EQ(links[1].link.name, "lte");
  EXPECT_EQ(links[1].link.rtt_ms, 70);
  EXPECT_EQ(links[2].link.name, "2.5 Mbps");
  EXPECT_EQ(links[2].duration, seconds(3));
  const NamedLink mobile = make_links({.traces = {"mobile"}, .duration_s = 20.0}).front();
  EXPECT_EQ(mobile.link.name, "mobile");
  EXPECT_EQ(mobile.link.rtt_ms, 40);
  EXPECT_EQ(mobile.link.trace->period_ms(), 20'000u);
  for (const LinkChoice& wrong :
       {LinkChoice{}, LinkChoice{.traces = {"no-such"}}, LinkChoice{.rates_mbps = {0}},
        LinkChoice{.rates_mbps = {5}, .rtts_ms = {-1}}, LinkChoice{.rates_mbps = {5}, .duration_s = 0.0}})
    EXPECT_THROW(make_links(wrong), std::invalid_argument);
}

}  // namespace
}  // namespace turbo::experiments
