#include "lab/experiments/sweep.h"

#include <gtest/gtest.h>

#include "lab/experiments/result_rows.h"
#include "lab/experiments/sweep_experiment.h"
#include "lab/experiments/test_scenario.h"
#include "lab/experiments/variants.h"
#include "tests/temporary_folder.h"

namespace turbo::experiments {
namespace {

const std::atomic<bool> kNeverStopped = false;

double utility(const std::string& policy, const std::string& allocator, double mbps) {
  const std::vector<ScenarioData> scenarios{test_scenario("a")};
  const auto rows = run_sweep({{{mbps, 40, 0}}, {policy}, {allocator}}, scenarios, 1, kNeverStopped, [] {});
  EXPECT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].frames, 4);
  EXPECT_DOUBLE_EQ(rows[0].vehicle_utility, (0.1 + 0.7 + 0.8 + 0.2) / 4);
  return 4 * rows[0].result.utility;
}

TEST(Sweep, CountsWhatIsTrueOfEveryFrameAndDecidesByWhatIsBelieved) {
  EXPECT_DOUBLE_EQ(utility("static", "exact", 9), 0.1 + 0.7 + 0.8 + 0.2);
  EXPECT_DOUBLE_EQ(utility("static", "exact", 10), 0.3 + 0.4 + 0.5 + 0.6);    // "s"
  EXPECT_DOUBLE_EQ(utility("static", "exact", 20), 0.6 + 0.3 + 0.4 + 0.5);    // "l"
  EXPECT_DOUBLE_EQ(utility("scenario", "exact", 20), 0.3 + 0.4 + 0.5 + 0.6);  // "s" is better here
  EXPECT_DOUBLE_EQ(utility("oracle", "exact", 20), 0.6 + 0.7 + 0.8 + 0.6);
  EXPECT_DOUBLE_EQ(utility("oracle", "exact", 10), 0.3 + 0.7 + 0.8 + 0.6);
  // Of the frame before; of none yet, what the services say: "l", "l", the vehicle, the vehicle.
  EXPECT_DOUBLE_EQ(utility("recent:1", "exact", 20), 0.6 + 0.3 + 0.8 + 0.2);
  EXPECT_DOUBLE_EQ(utility("oracle", "vehicle", 20), 0.1 + 0.7 + 0.8 + 0.2);
}

TEST(Sweep, AllocatorsShareTheBandwidthAmongServices) {
  ScenarioData table{.name = "table", .global = {test_camera(1), test_camera(2)}};
  table.own = table.global;
  const auto at = [&](const std::string& allocator, double mbps) {
    return 2 * run_sweep({{{mbps, 40, 0}}, {"static"}, {allocator}}, {table}, 1, kNeverStopped, [] {})[0]
                   .result.utility;
  };
  EXPECT_DOUBLE_EQ(at("equal", 19), 0.4);
  EXPECT_DOUBLE_EQ(at("exact", 19), 0.6);
  EXPECT_DOUBLE_EQ(at("exact", 30), 0.9);
  EXPECT_DOUBLE_EQ(at("equal", 30), 0.8);
  table.global[0].weight = 3;  // a mean by weights: (3 * 0.4 + 0.2) / 4
  EXPECT_DOUBLE_EQ(at("exact", 19), 0.7);
}

TEST(Sweep, ChangesTheSloOfCamerasOnly) {
  ScenarioData table{.name = "table", .global = {test_camera(1), test_camera(6)}};
  const auto row = [&](double slo_ms) {
    return run_sweep({{{20, 40, slo_ms}}, {"static"}, {"exact"}}, {table}, 1, kNeverStopped, [] {})[0];
  };
  EXPECT_DOUBLE_EQ(2 * row(0).result.utility, 0.8);
  EXPECT_DOUBLE_EQ(2 * row(80).result.utility, 0.7) << "only the motion prediction can still be in time";
  EXPECT_EQ(row(80).point.slo_ms, 80);
  EXPECT_EQ(row(0).point.slo_ms, 150);
}

TEST(Sweep, AChoiceThatSendsEverySecondFrameIsWorthTheMean) {
  ScenarioData data = test_scenario("a");
  data.global[0].options.erase(data.global[0].options.begin() + 1);  // "l" at half the rate is left
  data.global[0].options[1].config += "-fps5";
  data.global[0].options[1].duty = 0.5;
  data.own = data.global;
  data.frames = test_timeline("a", {{0.2, 0.4}, {0.4, 0.5}});
  data.windows = {{1, *data.frames}};
  const auto rows = run_sweep({{{20, 40, 0}}, {"oracle"}, {"exact"}}, {data}, 1, kNeverStopped, [] {});
  EXPECT_DOUBLE_EQ(2 * rows[0].result.utility, 0.4 + 0.5);
  EXPECT_DOUBLE_EQ(rows[0].result.needed_mbps, 20);
}

SweepRequest request() {
  SweepRequest all;
  for (const double mbps : {5.0, 10.0, 15.0, 20.0, 40.0}) all.grid.push_back({mbps, 40, 0});
  all.policies = {"static", "scenario", "recent:1", "oracle"};
  all.allocators = {"exact", "equal", "greedy", "vehicle"};
  return all;
}

std::vector<ScenarioData> scenarios() {
  std::vector<ScenarioData> all;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    all.push_back(test_scenario(name));
    all.back().frames->utilities[1][2] += 0.02 * static_cast<double>(all.size());
    all.back().windows[1] = *all.back().frames;
  }
  return all;
}

std::string text(const std::vector<SweepRow>& rows) { return json_of(results_of(rows, {1, "sweep"})); }

TEST(Sweep, TheNumberOfThreadsChangesNothing) {
  const auto one = run_sweep(request(), scenarios(), 1, kNeverStopped, [] {});
  ASSERT_EQ(one.size(), 5u * 4 * 4 * 5);
  for (const unsigned threads : {2u, 5u})
    EXPECT_EQ(text(run_sweep(request(), scenarios(), threads, kNeverStopped, [] {})), text(one));
  for (const SweepRow& row : one) EXPECT_LE(row.result.utility, row.clairvoyant + 1e-12);
}

TEST(Sweep, ShardsReadTogetherAreTheWhole) {
  const test::TemporaryFolder folder;
  const auto all = scenarios();
  write_parquet(results_of(run_sweep(request(), all, 1, kNeverStopped, [] {}), {3, "whole"}),
                folder / "whole.parquet");
  for (std::size_t index = 1; index <= 3; ++index) {
    std::vector<ScenarioData> part;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (Shard{index, 3}.holds(i)) part.push_back(all[i]);
    write_parquet(results_of(run_sweep(request(), part, 2, kNeverStopped, [] {}), {3, "part"}),
                  folder / ("part" + std::to_string(index) + ".parquet"));
  }
  const ReadRows whole = read_rows({folder / "whole.parquet"});
  EXPECT_EQ(whole.sweep_origin.seed, 3u);
  EXPECT_EQ(whole.sweep_origin.command_line, "whole");
  ASSERT_EQ(whole.sweep.size(), 400u);
  EXPECT_EQ(
      text(read_rows({folder / "part3.parquet", folder / "part1.parquet", folder / "part2.parquet"}).sweep),
      text(whole.sweep));
  EXPECT_THROW(read_rows({folder / "whole.parquet", folder / "part1.parquet"}), std::runtime_error);
  EXPECT_THROW(read_rows({folder / "none.parquet"}), std::runtime_error);
}

TEST(Sweep, StoppedThereIsNoHalfResult) {
  const std::atomic<bool> stopped = true;
  EXPECT_TRUE(run_sweep(request(), scenarios(), 2, stopped, [] {}).empty());
}

TEST(Sweep, NamesThatAreNoneAreRefusedFirst) {
  const auto refused = [](const std::string& policy, const std::string& allocator, ScenarioData scenario) {
    EXPECT_THROW(run_sweep({{{1, 1, 0}}, {policy}, {allocator}}, {std::move(scenario)}, 1, kNeverStopped,
                           [] { ADD_FAILURE() << "too late"; }),
                 std::invalid_argument)
        << policy << ", " << allocator;
  };
  refused("statik", "exact", test_scenario("a"));
  refused("recent:", "exact", test_scenario("a"));
  refused("recent:0", "exact", test_scenario("a"));
  refused("recent:10", "exact", test_scenario("a"));  // no such windows here
  refused("live:live", "exact", test_scenario("a"));
  refused("static", "exakt", test_scenario("a"));
  refused("oracle", "exact", {.name = "table", .global = {test_camera(1)}, .own = {test_camera(1)}});
}

}  // namespace
}  // namespace turbo::experiments
