#include "lab/simulate/simulation.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "lab/simulate/summary.h"
#include "lab/simulate/test_scenarios.h"

namespace turbo::simulate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Scenario rough_road() {
  Scenario scenario = cameras_over(12, 60);
  for (CameraSettings& camera : scenario.cameras) camera.size_spread = 0.4;
  scenario.server.spread = 0.5;
  scenario.link.up.loss = scenario.link.down.loss = 0.01;
  scenario.link.up.jitter_ms = 8;
  scenario.link.up.outages = {{8, 9}};
  return scenario;
}

TEST(Simulation, TheSameScenarioGivesTheSameRecords) {
  const Records first = simulate(rough_road()), second = simulate(rough_road());
  EXPECT_EQ(first.frames, second.frames);
  EXPECT_EQ(first.samples, second.samples);
  EXPECT_EQ(first.events, second.events);
  Scenario other = rough_road();
  other.seed = 2;
  EXPECT_NE(simulate(other).frames, first.frames);
}

TEST(Simulation, EveryFrameAndEveryByteIsAccountedFor) {
  const Scenario scenario = rough_road();
  const Records records = simulate(scenario);
  UplinkCounts sum;
  for (const UplinkCounts& counts : records.services) {
    sum.pushed += counts.pushed;
    sum.started += counts.started;
    sum.cancelled += counts.cancelled;
    sum.cancelled_bytes += counts.cancelled_bytes;
    const std::uint64_t gone =
        counts.displaced + counts.expired + counts.hopeless + counts.dropped + counts.started;
    EXPECT_LE(gone, counts.pushed);
    EXPECT_LE(counts.pushed - gone, 1u);  // may still wait
    const std::uint64_t ended = counts.finished + counts.cancelled + counts.abandoned;
    EXPECT_LE(counts.started - ended, 1u);  // may still be in flight
  }
  std::uint64_t entered = 0, started = 0, cancelled = 0, cancelled_bytes = 0, answered = 0;
  std::int64_t sent = 0;
  for (const FrameRecord& frame : records.frames) {
    entered += frame.entered != kNever;
    started += frame.started != kNever;
    cancelled += frame.cancelled;
    if (frame.cancelled) cancelled_bytes += static_cast<std::uint64_t>(frame.bytes_sent);
    answered += frame.answered != kNever;
    sent += frame.bytes_sent;
    EXPECT_LE(frame.captured, frame.entered);
    EXPECT_LE(frame.entered, frame.started);
    EXPECT_LE(frame.bytes_sent, frame.bytes);
    EXPECT_EQ(frame.left != kNever, frame.bytes_sent == frame.bytes);
    EXPECT_FALSE(frame.cancelled && frame.left != kNever);
    if (frame.received == kNever) {
      EXPECT_EQ(frame.answered, kNever);
      continue;
    }
    EXPECT_GE(frame.received - frame.left, milliseconds(30));  // one way
    EXPECT_FALSE(frame.dropped && frame.answered != kNever);
    if (frame.answered != kNever) {
      EXPECT_GE(frame.answered - frame.received, milliseconds(30));
    }
  }
  EXPECT_EQ(entered, sum.pushed);
  EXPECT_EQ(started, sum.started);
  EXPECT_EQ(cancelled, sum.cancelled);
  EXPECT_EQ(cancelled_bytes, sum.cancelled_bytes);
  EXPECT_GT(answered, 100u);
  EXPECT_LT(static_cast<std::uint64_t>(sent) + records.junk_bytes, records.sent_bytes);
  EXPECT_LT(records.packets_left, 200u);  // of the pool: the rest came back
}

TEST(Simulation, LatencyOnAnEmptyLinkIsWhatItsPartsTake) {
  Scenario scenario = cameras_over(50, 40, 40'000, 1);
  scenario.initial_mbps = 50;
  scenario.wake_time = {};
  scenario.cameras[0].compression_time = milliseconds(5);
  const Summary summary = summarise(simulate(scenario), scenario);
  // Compression, 28 packets of 1472 bytes at 50 Mbit/s, RTT, server; the answer's two packets back.
  const double parts_ms = 5 + 29 * 1472 * 8 / 50e3 + 40 + 20 + 0.5;
  EXPECT_NEAR(*summary.latency_p50_ms, parts_ms, 1.5);
  EXPECT_EQ(summary.within_slo, summary.offloaded);
}

TEST(Simulation, BulkTrafficFillsAConstantLink) {
  struct Case {
    double mbps, rtt_ms, loss, least;
  };
  // Of the capacity, 5 % are headers; the least with loss is what BBR makes of it in ngtcp2.
  for (const Case c : {Case{5, 20, 0, 0.91}, Case{5, 100, 0, 0.88}, Case{25, 50, 0, 0.90},
                       Case{100, 20, 0, 0.91}, Case{5, 20, 0.01, 0.88}, Case{25, 50, 0.01, 0.7}}) {
    Scenario scenario = bulk_over(c.mbps, c.rtt_ms);
    scenario.link.up.loss = scenario.link.down.loss = c.loss;
    const double share = summarise(simulate(scenario), scenario).goodput_mbps / c.mbps;
    EXPECT_GT(share, c.least) << c.mbps << " Mbit/s, " << c.rtt_ms << " ms, loss " << c.loss;
    EXPECT_LT(share, 0.96);
  }
}

TEST(Simulation, AnswersComeAgainSoonAfterAnOutage) {
  for (const OutageKind kind : {OutageKind::kHold, OutageKind::kDrop}) {
    for (const double outage_s : {0.5, 3.0, 8.0}) {
      Scenario scenario = cameras_over(20, 40);
      for (DirectionRequest* direction : {&scenario.link.up, &scenario.link.down}) {
        direction->outages = {{5, 5 + outage_s}};
        direction->outage_kind = kind;
      }
      const Records records = simulate(scenario);
      const Time over = records.began + from_seconds(5 + outage_s);
      Time first_after = kNever;
      for (const FrameRecord& frame : records.frames)
        if (frame.captured >= over) first_after = std::min(first_after, frame.answered);
      EXPECT_LT(first_after - over, seconds(2)) << outage_s;
      EXPECT_EQ(records.disconnections, outage_s > 2 ? 1u : 0u) << outage_s;
    }
  }
}

TEST(Simulation, APolicyDecidesRatesAndSizes) {
  class Half final : public AllocationPolicy {
   public:
    Duration interval() const override { return milliseconds(500); }
    void decide(Time now, const AllocationReport& report, std::span<ServicePlan> plans) override {
      asked.push_back(now);
      if (report.meters[0].server_s().quantile(0.5)) server_s = *report.meters[0].server_s().quantile(0.5);
      plans[0] = {.guaranteed_bps = 8e6, .config = "half"};
      plans[1] = {.guaranteed_bps = 0, .limit_bps = 0};
    }
    FrameOrder order(Time, std::size_t service) override {
      return {.sent = service < 2, .mean_bytes = 20'000, .server_ms = 7};
    }
    std::vector<Time> asked;
    double server_s = 0;
  } half;
  const Records records = simulate(cameras_over(20, 40, 40'000, 3), half);
  for (const FrameRecord& frame : records.frames) {
    EXPECT_EQ(frame.deadline, frame.captured + milliseconds(150));
    if (frame.captured == records.began) continue;  // before the first decision
    if (frame.service == 0) {
      EXPECT_EQ(frame.bytes, 20'024);
      EXPECT_EQ(frame.config, "half");
    } else {
      EXPECT_EQ(frame.started, kNever);
    }
    EXPECT_EQ(frame.entered == kNever, frame.service == 2);
  }
  EXPECT_NEAR(half.server_s, 0.007, 1e-9);
  ASSERT_GT(half.asked.size(), 30u);
  EXPECT_EQ(half.asked[1] - half.asked[0], milliseconds(500));
}

TEST(Simulation, RefusesWhatCannotBeSimulated) {
  const auto refused = [](auto spoil) {
    Scenario scenario = cameras_over(20, 40);
    spoil(scenario);
    EXPECT_THROW(simulate(scenario), std::invalid_argument);
  };
  refused([](Scenario& s) { s.cameras.clear(); });
  refused([](Scenario& s) { s.cameras[0].frames_per_s = -1; });
  refused([](Scenario& s) { s.cameras[0].frame_bytes = std::numeric_limits<double>::quiet_NaN(); });
  refused([](Scenario& s) { s.duration = Duration::zero(); });
  refused([](Scenario& s) { s.packet_bytes = 1'000; });
  refused([](Scenario& s) { s.link.up.rate_mbps = 0; });
  Scenario scenario = cameras_over(20, 40);
  scenario.link.up.loss = 2;
  EXPECT_THROW(simulate(scenario), LinkConfigError);
}

}  // namespace
}  // namespace turbo::simulate
