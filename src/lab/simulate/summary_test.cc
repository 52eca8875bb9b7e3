#include "lab/simulate/summary.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "lab/simulate/frame_log.h"
#include "lab/simulate/scenario_options.h"
#include "lab/simulate/test_scenarios.h"

namespace turbo::simulate {
namespace {

constexpr Time kStart = Time(std::chrono::hours(1));
Time at_ms(double ms) { return kStart + from_milliseconds(ms); }

FrameRecord frame_at(double ms) {
  return {.captured = at_ms(ms), .entered = at_ms(ms), .bytes = 10'000, .guaranteed_bps = 8e6};
}

Records by_hand() {
  Records records;
  records.began = kStart;
  records.ended = at_ms(1'000);
  FrameRecord in_time = frame_at(0);  // 10 ms of sending are explained
  in_time.received = at_ms(50);
  in_time.answered = at_ms(100);
  FrameRecord late = frame_at(100);
  late.received = at_ms(250);
  late.answered = at_ms(300);
  FrameRecord lost = frame_at(200);
  FrameRecord not_judged = frame_at(900);  // its deadline is after the end
  records.frames = {in_time, late, lost, not_judged};
  const auto sample = [](double capacity, double rate) {
    return EstimateSample{.capacity_bps = capacity,
                          .rate_bps = rate,
                          .low_bps = 0.9 * rate,
                          .high_bps = 1.1 * rate,
                          .payload_share = 1,
                          .window_bps = 2 * capacity,
                          .measured = true};
  };
  records.samples = {sample(10e6, 10e6), sample(10e6, 9.5e6), sample(10e6, 12e6), sample(50e3, 9e6)};
  records.samples.push_back({.capacity_bps = 10e6, .rate_bps = 1e6});  // not measured yet
  records.junk_bytes = 100;
  records.sent_bytes = 10'000;
  return records;
}

TEST(Summary, CountsWhatWasOffloadedAndWhatCameInTime) {
  Scenario scenario = cameras_over(10, 40);
  const Summary summary = summarise(by_hand(), scenario);
  EXPECT_EQ(summary.offloaded, 3u);
  EXPECT_EQ(summary.within_slo, 1u);
  EXPECT_DOUBLE_EQ(*summary.latency_p50_ms, 100);
  EXPECT_DOUBLE_EQ(*summary.latency_p99_ms, 200);
  EXPECT_DOUBLE_EQ(summary.goodput_mbps, 2 * 10'000 * 8e-6);
  EXPECT_DOUBLE_EQ(summary.junk_share, 0.01);
}

TEST(Summary, QueueingIsWhatNeitherTheRateNorTheLinksDelayExplains) {
  const Summary summary = summarise(by_hand(), cameras_over(10, 40));  // 20 ms one way
  EXPECT_NEAR(*summary.queue_excess_p50_ms, 50 - 20 - 10, 1e-6);
  EXPECT_NEAR(*summary.queue_excess_p99_ms, 150 - 20 - 10, 1e-6);
}

TEST(Summary, TheEstimateIsJudgedOnceMeasuredAndWhereThereIsCapacity) {
  const Summary summary = summarise(by_hand(), cameras_over(10, 40));
  EXPECT_DOUBLE_EQ(*summary.estimate.median, 0.05);
  EXPECT_DOUBLE_EQ(*summary.estimate.over_10pct_share, 1.0 / 3);
  EXPECT_DOUBLE_EQ(*summary.window_formula.median, 1);
  EXPECT_DOUBLE_EQ(*summary.interval_coverage, 2.0 / 3);
}

TEST(Summary, NothingMeasuredIsNullAndNotNought) {
  Records records;
  records.began = kStart;
  records.ended = at_ms(100);
  const auto json = nlohmann::json::parse(json_of(summarise(records, cameras_over(10, 40))));
  EXPECT_TRUE(json["slo_attainment"].is_null());
  EXPECT_TRUE(json["estimate_median_error"].is_null());
  EXPECT_EQ(json["offloaded"], 0);
}

TEST(FrameLog, ALineForEveryFrameAndEveryEstimate) {
  const Records records = by_hand();
  const auto frames = frame_lines(records);
  ASSERT_EQ(frames.size(), 4u);
  const auto late = nlohmann::json::parse(frames[1]);
  EXPECT_EQ(late["answered_ms"], 300);
  EXPECT_TRUE(nlohmann::json::parse(frames[2])["answered_ms"].is_null());
  EXPECT_EQ(nlohmann::json::parse(estimate_lines(records)[2])["estimate_mbps"], 12);
}

Scenario parsed(const std::string& words) {
  ScenarioOptions options;
  CLI::App app;
  declare(app, options);
  app.parse(words);
  return make_scenario(options);
}

TEST(ScenarioOptions, SayWhatIsSimulated) {
  const Scenario scenario = parsed(
      "--rate-mbps 20 --down-rate-mbps 50 --rtt-ms 40 --loss 0.01 --seed 7 --services 2 --fps 10 --frame-kb "
      "30 "
      "--slo-ms 200 --server-ms 25 --no-cancel --formula window");
  EXPECT_EQ(scenario.link.up.rate_mbps, 20);
  EXPECT_EQ(scenario.link.down.rate_mbps, 50);
  EXPECT_EQ(scenario.link.up.delay_ms, 20);
  EXPECT_EQ(scenario.link.down.loss, 0.01);
  EXPECT_EQ(scenario.seed, 7u);
  ASSERT_EQ(scenario.cameras.size(), 2u);
  EXPECT_EQ(scenario.cameras[1].frame_bytes, 30'000);
  EXPECT_EQ(scenario.cameras[1].phase, from_milliseconds(50));  // in turn
  EXPECT_EQ(scenario.slo, std::chrono::milliseconds(200));
  EXPECT_EQ(scenario.server.service_ms, 25);
  EXPECT_FALSE(scenario.cancel);
  EXPECT_TRUE(scenario.freshness);
  EXPECT_TRUE(scenario.window_formula);
}

TEST(ScenarioOptions, BulkHasNoDeadlines) {
  const Scenario scenario = parsed("--rate-mbps 20 --bulk --services 1");
  EXPECT_EQ(scenario.cameras[0].frames_per_s, 0);
  EXPECT_EQ(scenario.slo, Duration::max());
}

TEST(ScenarioOptions, RefuseWhatMakesNoSense) {
  EXPECT_THROW(parsed("--services 0"), std::invalid_argument);
  EXPECT_THROW(parsed("--services 100000000"), std::invalid_argument);
  EXPECT_THROW(parsed("--outage 5:3"), LinkConfigError);
  EXPECT_THROW(parsed("--formula guess"), CLI::ValidationError);
}

}  // namespace
}  // namespace turbo::simulate
