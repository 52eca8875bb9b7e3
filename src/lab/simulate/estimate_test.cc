// The core's estimator, probe, scheduler and freshness rules in the simulation: bounds that tuning must keep.
#include <gtest/gtest.h>

#include <fstream>

#include "lab/simulate/simulation.h"
#include "lab/simulate/summary.h"
#include "lab/simulate/test_scenarios.h"

namespace turbo::simulate {
namespace {

Summary run(const Scenario& scenario) { return summarise(simulate(scenario), scenario); }

TEST(Estimate, IsRightOnAConstantLinkThatIsFull) {
  for (const double mbps : {5.0, 25.0, 100.0}) {
    const Summary summary = run(bulk_over(mbps, 50));
    EXPECT_LT(*summary.estimate.median, 0.07) << mbps;  // 5 % are headers
    EXPECT_LT(*summary.estimate.over_10pct_share, 0.08) << mbps;
    EXPECT_GT(*summary.interval_coverage, 0.8) << mbps;
    EXPECT_LT(*summary.estimate.median, *summary.window_formula.median / 5) << mbps;
  }
}

TEST(Estimate, FollowsSteps) {
  Scenario scenario = bulk_over(0, 50);
  scenario.duration = std::chrono::seconds(40);
  scenario.link.up.rate_mbps = 0;
  scenario.link.up.trace_path = ::testing::TempDir() + "turbo_simulate_steps.trace";
  // 20 Mbit/s, 6, 12 and 30: five seconds each, then again.
  std::ofstream trace(scenario.link.up.trace_path);
  double owed = 0;
  for (int ms = 1; ms <= 20'000; ++ms) {
    const double rates[] = {20, 6, 12, 30};
    for (owed += rates[(ms - 1) / 5'000] * 1e3 / 8 / 1500; owed >= 1; owed -= 1) trace << ms << '\n';
  }
  trace << 20'000 << '\n';
  trace.close();
  const Summary summary = run(scenario);
  EXPECT_LT(*summary.estimate.median, 0.1);
  EXPECT_LT(*summary.estimate.over_10pct_share, 0.15);
}

TEST(Estimate, IsNotUnderTheTrafficOfCameras) {
  const Scenario scenario = cameras_over(25, 40);
  const Summary summary = run(scenario);
  EXPECT_LT(*summary.estimate.median, 0.1);
  EXPECT_LT(*summary.estimate.over_10pct_share, 0.05);
}

TEST(Scheduling, CompetingServicesGetTheirRates) {
  Scenario scenario = cameras_over(25, 50, 30'000);
  const double intervals_ms[] = {47, 50, 53};  // so that they meet in every way
  for (int i = 0; i < 3; ++i) scenario.cameras[i].frames_per_s = 1e3 / intervals_ms[i];
  scenario.guaranteed_mbps = 7;
  scenario.slo = std::chrono::milliseconds(250);
  const Summary summary = run(scenario);
  EXPECT_LT(*summary.queue_excess_p50_ms, 2);
  EXPECT_GT(*summary.slo_attainment, 0.95);
}

TEST(Freshness, BringsMoreAnswersInTimeThanFirstComeFirstServed) {
  Scenario scenario = cameras_over(12, 40, 30'000);
  const double fresh = *run(scenario).slo_attainment;
  scenario.freshness = false;
  scenario.cancel = false;
  EXPECT_GT(fresh, *run(scenario).slo_attainment);
}

TEST(Probing, TeachesWhatFramesDoNotAndTakesNoMoreThanItsShare) {
  Scenario scenario = cameras_over(20, 40, 5'000, 1);
  scenario.cameras[0].frames_per_s = 2;
  const Records records = simulate(scenario);
  EXPECT_GT(records.junk_bytes, 0u);
  // A twentieth of 20 Mbit/s, and what a new path may cost.
  EXPECT_LT(static_cast<double>(records.junk_bytes), 20e6 / 8 * 0.05 * seconds(scenario.duration) + 250'000);
  EXPECT_LT(*summarise(records, scenario).estimate.median, 0.05);
  scenario.probe = false;
  const Records without = simulate(scenario);
  EXPECT_EQ(without.junk_bytes, 0u);
  EXPECT_LT(without.samples.back().rate_bps, 0.8 * 20e6);
}

}  // namespace
}  // namespace turbo::simulate
