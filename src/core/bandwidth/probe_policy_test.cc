#include "core/bandwidth/probe_policy.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using namespace std::chrono_literals;

struct ProbePolicyTest : ::testing::Test {
  Time now{1h};
  ProbePolicy policy{{.enabled = true, .quiet = 500ms, .max_bytes = 600'000, .max_share = 0.05}};
  LinkEstimate link{
      .rate_bps = 8e6, .low_bps = 7e6, .high_bps = 9e6, .age = 1s, .app_limited = true, .min_rtt = 40ms};

  bool match = true;  // a probe meets the link, and so measures it

  std::uint32_t due(bool idle = true) {
    const std::uint32_t bytes = policy.due_bytes(now, link, idle);
    if (bytes > 0 && match) link.age = Duration::zero();
    return bytes;
  }
  // Every 20 ms.
  void run(Duration time, const std::function<void(Duration)>& each = {}) {
    for (const Time start = now; now - start < time; now += 20ms) {
      if (each) each(now - start);
      due();
      if (link.age != Duration::max()) link.age += 20ms;
    }
  }
};

TEST_F(ProbePolicyTest, ProbesOnlyAnIdleLinkThatNothingMeasures) {
  EXPECT_EQ(due(false), 0u);
  link.app_limited = false;
  EXPECT_EQ(due(), 0u);
  link.app_limited = true;
  EXPECT_EQ(due(), 0u) << "nothing is saved up";
  now += 10s;
  EXPECT_EQ(due(), 60'000u) << "60 ms of 8 Mbps: the RTT and 20 ms";
  now += 499ms;
  EXPECT_EQ(due(), 0u);
  now += 1ms;
  EXPECT_EQ(due(), 60'000u);
}

TEST_F(ProbePolicyTest, ASizeHasItsBound) {
  policy = ProbePolicy({.quiet = 500ms, .max_bytes = 5000, .max_share = 1});
  due();
  now += 1s;
  EXPECT_EQ(due(), 5000u);
  policy = ProbePolicy({.enabled = false, .quiet = 500ms, .max_bytes = 5000});
  EXPECT_EQ(due(), 0u);
}

TEST_F(ProbePolicyTest, JunkCostsAtMostItsShare) {
  for (const double share : {0.02, 0.05, 0.2}) {
    for (const double rate_bps : {0.3e6, 2e6, 30e6, 300e6}) {
      policy = ProbePolicy({.quiet = 100ms, .max_bytes = 600'000, .max_share = share});
      link.rate_bps = rate_bps;
      // Every probe teaches something, so that it never backs off.
      run(60s, [&](Duration at) { link.high_bps = rate_bps * (at / 20ms % 2 == 0 ? 1 : 2); });
      const double of_bps = std::max(rate_bps, 10e6);
      const double spent = static_cast<double>(policy.bytes()) * 8 / 60 / of_bps;
      EXPECT_LE(spent, share + 1e-9);
      EXPECT_GT(spent, rate_bps < 100e6 ? 0.4 * share : 0.01) << rate_bps;
    }
  }
}

// A sender that is the limit itself: what it measures grows with what it is given to send.
TEST_F(ProbePolicyTest, ALowEstimateGrowsAsFastAsItsShareAllows) {
  match = false;
  link.rate_bps = 1e6;
  link.age = Duration::max();
  const Time start = now;
  while (link.rate_bps < 20e6 && now - start < 60s) {
    if (const std::uint32_t bytes = due()) link.rate_bps = std::max(link.rate_bps, bytes * 8 / 0.08);
    now += 20ms;
  }
  EXPECT_LT(now - start, 6s);
  EXPECT_LE(policy.bytes(), 250'000 + 6 * 0.05 * 20e6 / 8) << "a new path may cost 250 KB";
  link.age = 10s;
  link.rate_bps = 1e6;
  const std::uint64_t before = policy.bytes();
  run(10s);
  EXPECT_LE(policy.bytes() - before, 10 * 0.05 * 10e6 / 8 + 250'000);
}

TEST_F(ProbePolicyTest, ProbesThatTeachNothingBecomeRareAndChangeBringsThemBack) {
  run(10s);
  const auto first = policy.probes();
  EXPECT_GE(first, 3u);
  run(60s);
  const auto before = policy.probes();
  run(64s);
  EXPECT_LE(policy.probes() - before, 5u) << "one in 16 s";
  link.rate_bps = 12e6;
  const auto then = policy.probes();
  run(1500ms);
  EXPECT_GE(policy.probes() - then, 2u);
}

}  // namespace
}  // namespace turbo
