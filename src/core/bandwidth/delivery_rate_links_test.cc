// The estimator at the end of simulated links: three services' frames of 20 to 80 KB, eight a second each,
// and probes.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/bandwidth/simulated_path.h"

namespace turbo {
namespace {

auto constant(double bps) {
  return SimulatedCapacity::of(20, [bps](double) { return bps; });
}

// Feeding stream bytes, taking the larger of two ends of a train and the upper quartile of the samples, an
// earlier estimator read a third too much of a 5 Mbps link whose acknowledgements had 10 ms of jitter.
TEST(DeliveryRateLinks, JitterLossAndCompressedAcknowledgementsDoNotRaiseTheRate) {
  for (const double mbps : {1.0, 3.0, 5.0, 8.0}) {
    for (const SimulatedPathSettings& path :
         {SimulatedPathSettings{}, SimulatedPathSettings{.jitter_s = 0.01},
          SimulatedPathSettings{.ack_batch_s = 0.008}, SimulatedPathSettings{.jitter_s = 0.003, .loss = 0.01},
          SimulatedPathSettings{.loss = 0.05},
          SimulatedPathSettings{.rtt_s = 0.1, .jitter_s = 0.01, .queue_s = 0.1}}) {
      SimulatedPath simulated(constant(mbps * 1e6), {}, path);
      const SimulatedErrors errors = simulated.run(20);
      SCOPED_TRACE(::testing::Message()
                   << mbps << " Mbps, jitter " << path.jitter_s << ", batch " << path.ack_batch_s << ", loss "
                   << path.loss << ", RTT " << path.rtt_s);
      EXPECT_LT(errors.median_absolute(), 0.03 + path.loss) << "what is lost was carried too";
      EXPECT_LT(errors.quantile(0.9), 0.06);
      EXPECT_GT(errors.quantile(0.1), -0.12 - path.loss);
      EXPECT_LT(errors.share_above(0.1), 0.01);
    }
  }
}

TEST(DeliveryRateLinks, FollowsTheLinkUpAndDown) {
  const auto capacity = SimulatedCapacity::of(40, [](double t) { return std::fmod(t, 10) < 5 ? 8e6 : 3e6; });
  SimulatedPath simulated(capacity, {}, {});
  simulated.run(40, [](double t, const LinkEstimate& link, double capacity_bps) {
    if (t > 3 && std::fmod(t, 5) > 2) {
      EXPECT_NEAR(link.rate_bps, capacity_bps, 0.06 * capacity_bps) << t;
    }
  });
}

// The rate is already known; then the sender paces far below it, which says nothing about the link.
TEST(DeliveryRateLinks, ASlowSenderNeverLowersTheRate) {
  SimulatedPath simulated(
      constant(8e6),
      {.services = 1, .frames_per_second = 5, .probes = false, .paced_bps = 3e6, .paced_from_s = 0.0},
      {.jitter_s = 0.001}, {.initial_bps = 1e6});
  simulated.run(20, [](double, const LinkEstimate& link, double) {
    EXPECT_LT(link.rate_bps, 8e6);
    EXPECT_GT(link.rate_bps, 2.7e6) << "a lower bound raises it";
    EXPECT_TRUE(link.app_limited);
    EXPECT_GT(link.high_bps, 8e6) << "the link may well carry more";
  });
  SimulatedPath later(constant(8e6), {.probes = false, .paced_bps = 3e6, .paced_from_s = 6},
                      {.jitter_s = 0.001});
  later.run(20, [](double t, const LinkEstimate& link, double) {
    if (t > 3) {
      EXPECT_NEAR(link.rate_bps, 8e6, 0.8e6) << t;
    }
    if (t > 3 && t < 6) {
      EXPECT_FALSE(link.app_limited) << t;
    }
    if (t > 7) {
      EXPECT_TRUE(link.app_limited) << t;
    }
  });
}

TEST(DeliveryRateLinks, AnOutageShowsWithinTheWindowAndItsEndToo) {
  const auto capacity = SimulatedCapacity::of(30, [](double t) { return t > 10 && t < 15 ? 0 : 8e6; });
  SimulatedPath simulated(capacity, {}, {});
  simulated.run(30, [](double t, const LinkEstimate& link, double) {
    if (t > 10.6 && t < 15) {
      EXPECT_LT(link.rate_bps, 0.5e6) << t;
    }
    if (t > 17) {
      EXPECT_NEAR(link.rate_bps, 8e6, 0.8e6) << t;
    }
  });
}

// Four fifths of the intervals hold the capacity, over links that vary slowly and fast, a little and much.
TEST(DeliveryRateLinks, TheIntervalHoldsTheCapacityAsOftenAsItSays) {
  double covered = 0;
  int links = 0;
  for (const double constant_s : {0.05, 0.3, 2.0}) {
    for (const double sigma : {0.2, 0.5, 0.8}) {
      for (std::uint32_t seed = 11; seed < 14; ++seed) {
        SimulatedPath simulated(SimulatedCapacity::fading(60, 11e6, sigma, constant_s, seed), {},
                                {.jitter_s = 0.001 * seed - 0.011, .seed = seed});
        const SimulatedErrors errors = simulated.run(60);
        SCOPED_TRACE(::testing::Message() << constant_s << " s, sigma " << sigma << ", seed " << seed);
        EXPECT_GT(errors.coverage(), 0.65);
        EXPECT_LT(errors.share_above(0.1), 0.12);
        covered += errors.coverage();
        ++links;
      }
    }
  }
  EXPECT_NEAR(covered / links, 0.8, 0.06);
}

// Traces of others, where a folder shared/traces lies beside the project or above it.
std::string shared_trace(const std::string& name) {
  namespace fs = std::filesystem;
  for (fs::path at = fs::current_path(); at != at.root_path(); at = at.parent_path())
    if (fs::exists(at / "shared" / "traces" / name)) return at / "shared" / "traces" / name;
  return {};
}

TEST(DeliveryRateLinks, RecordedLinks) {
  for (const auto& [name, median, over] :
       {std::tuple{"verizon-lte.up", 0.08, 0.12}, {"tmobile-lte.up", 0.13, 0.20}}) {
    const std::string path = shared_trace(name);
    if (path.empty())
      GTEST_SKIP() << "no folder shared/traces with " << name << " at or above the working folder";
    const auto capacity = SimulatedCapacity::read_trace(path);
    const double duration_s = capacity.duration_s();
    SimulatedPath ours(capacity, {}, {});
    const SimulatedErrors errors = ours.run(duration_s);
    EXPECT_LT(errors.median_absolute(), median) << name;
    EXPECT_LT(errors.share_above(0.1), over) << name;
    EXPECT_GT(errors.coverage(), 0.75) << name;
    SimulatedPath theirs(capacity, {}, {}, {.formula = DeliveryRateEstimator::Formula::kWindowOverRtt});
    EXPECT_LT(errors.median_absolute(), theirs.run(duration_s).median_absolute() / 2) << name;
  }
}

}  // namespace
}  // namespace turbo
