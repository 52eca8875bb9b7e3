#include "core/scheduling/fair_scheduler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <random>

namespace turbo {
namespace {

using namespace std::chrono_literals;
constexpr double kForever = std::numeric_limits<double>::infinity();

// A link that takes a packet whenever the last one is through; services with always something to send.
struct FairSchedulerTest : ::testing::Test {
  Time now{1h};
  std::vector<double> sent;

  void saturate(FairScheduler& scheduler, double link_bps, Duration time, const std::vector<bool>& busy) {
    sent.assign(busy.size(), 0);
    for (const Time end = now + time; now < end;) {
      for (std::size_t i = 0; i < busy.size(); ++i)
        if (busy[i]) scheduler.set_backlog(now, i, 1'000'000);
      const auto turn = scheduler.next_turn(now);
      if (!turn) {
        now = std::max(now + 1us, std::min(scheduler.next_deadline(now), end));
        continue;
      }
      const auto bytes = std::min<std::int64_t>(turn->max_bytes, 1250);
      scheduler.on_sent(now, turn->service, bytes);
      sent[turn->service] += static_cast<double>(bytes);
      now += from_seconds(static_cast<double>(bytes) * 8 / link_bps);
    }
    for (double& bytes : sent) bytes *= 8 / seconds(time);  // bit/s from here on
  }
};

TEST_F(FairSchedulerTest, GuaranteesFirstThenLeftoverByWeight) {
  FairScheduler scheduler(now, {{4e6, kForever, 1}, {1e6, kForever, 3}, {0, kForever, 1}});
  saturate(scheduler, 10e6, 10s, {true, true, true});
  EXPECT_NEAR(sent[0], 4e6 + 1e6, 0.1e6);
  EXPECT_NEAR(sent[1], 1e6 + 3e6, 0.1e6);
  EXPECT_NEAR(sent[2], 1e6, 0.1e6);
}

TEST_F(FairSchedulerTest, TooManyGuaranteesShareInProportion) {
  FairScheduler scheduler(now, {{8e6}, {4e6}, {0}});
  saturate(scheduler, 6e6, 10s, {true, true, true});
  EXPECT_NEAR(sent[0], 4e6, 0.1e6);
  EXPECT_NEAR(sent[1], 2e6, 0.1e6);
  EXPECT_LT(sent[2], 0.1e6);
}

TEST_F(FairSchedulerTest, WhoHasNothingToSendLeavesItsShare) {
  FairScheduler scheduler(now, {{8e6}, {1e6}});
  saturate(scheduler, 10e6, 5s, {false, true});
  EXPECT_NEAR(sent[1], 10e6, 0.1e6);
  saturate(scheduler, 10e6, 5s, {true, true});
  EXPECT_NEAR(sent[0], 8.5e6, 0.2e6) << "what it left is not made up for";
  EXPECT_NEAR(sent[1], 1.5e6, 0.2e6);
}

TEST_F(FairSchedulerTest, TheLimitHoldsAndWakesItsOwner) {
  FairScheduler scheduler(now, {{1e6, 2e6}, {0, 0.5e6}});
  saturate(scheduler, 100e6, 10s, {true, true});
  EXPECT_NEAR(sent[0], 2e6, 0.05e6);
  EXPECT_NEAR(sent[1], 0.5e6, 0.02e6);
  scheduler.set_share(now, 0, {1e6, 0});
  scheduler.set_share(now, 1, {0, 0});
  EXPECT_FALSE(scheduler.next_turn(now));
  EXPECT_EQ(scheduler.next_deadline(now), Time::max()) << "closed ones wait for no time";
}

TEST_F(FairSchedulerTest, ABlockedLinkIsMadeUpFor) {
  FairScheduler scheduler(now, {{6e6, kForever, 1}, {1e6, kForever, 1}});
  for (std::size_t i : {0u, 1u}) scheduler.set_backlog(now, i, 1'000'000);
  double guaranteed = 0, all = 0;
  for (int round = 0; round < 50; ++round) {
    now += 80ms;  // congestion control lets a burst of 80 ms of 8 Mbps through
    for (int i = 0; i < 64; ++i) {
      const auto turn = scheduler.next_turn(now);
      ASSERT_TRUE(turn);
      scheduler.on_sent(now, turn->service, 1250);
      scheduler.set_backlog(now, turn->service, 1'000'000);
      all += 1250;
      if (turn->service == 0) guaranteed += 1250;
    }
  }
  EXPECT_NEAR(guaranteed / all, 6.5 / 8, 0.02);
}

TEST_F(FairSchedulerTest, PredictsWhenBytesAreSent) {
  FairScheduler scheduler(now, {{4e6}, {2e6}, {0, 1e6}});
  EXPECT_EQ(scheduler.time_to_send(now, 0, 100'000, 8e6, true), 100ms);
  EXPECT_EQ(scheduler.time_to_send(now, 0, 100'000, 8e6, false), 100ms) << "alone";
  scheduler.set_backlog(now, 1, 50'000);
  EXPECT_NEAR(milliseconds(scheduler.time_to_send(now, 0, 100'000, 8e6, false)), 150, 1)
      << "5 of 8 Mbps, or when all is sent";
  scheduler.set_backlog(now, 1, 500'000);
  EXPECT_NEAR(milliseconds(scheduler.time_to_send(now, 0, 100'000, 8e6, false)), 160, 1);
  EXPECT_NEAR(milliseconds(scheduler.time_to_send(now, 0, 100'000, 3e6, false)), 400, 1)
      << "two thirds of the link";
  EXPECT_NEAR(milliseconds(scheduler.time_to_send(now, 2, 100'000, 8e6, true)), 700, 1)
      << "1 Mbps after 12,500 bytes";
  EXPECT_LE(scheduler.time_to_send(now, 0, 1ll << 40, 0, false), 3600s);
}

// Random services, rates and traffic over a random link: nobody is over its limit in any window, whoever has
// always something to send gets its guarantee when the guarantees fit, and the link never rests without need.
TEST_F(FairSchedulerTest, HoldsItsPromisesWhateverHappens) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto dice = [&](double low, double high) {
      return std::uniform_real_distribution<double>(low, high)(random);
    };
    const std::size_t count = 1 + random() % 6;
    const double link_bps = dice(2e6, 40e6);
    std::vector<FairScheduler::Share> shares;
    for (std::size_t i = 0; i < count; ++i) {
      shares.push_back({dice(0, 0.9) * link_bps / static_cast<double>(count), kForever, dice(0.2, 5)});
      if (random() % 2 == 0) shares[i].limit_bps = shares[i].guaranteed_bps + dice(0.05, 0.5) * link_bps;
    }
    FairScheduler scheduler(now, shares);
    std::vector<bool> always(count);
    for (std::size_t i = 0; i < count; ++i) always[i] = random() % 2 == 0;
    std::vector<std::deque<std::pair<Time, double>>> log(count);
    std::vector<double> total(count, 0);
    const Time begin = now;
    while (now - begin < 4s) {
      for (std::size_t i = 0; i < count; ++i) {
        if (always[i] && scheduler.backlog(i) < 100'000) scheduler.set_backlog(now, i, 200'000);
        if (!always[i] && scheduler.backlog(i) == 0 && random() % 50 == 0)
          scheduler.set_backlog(now, i, static_cast<std::int64_t>(dice(1, 60'000)));
      }
      const auto turn = scheduler.next_turn(now);
      if (!turn) {
        for (std::size_t i = 0; i < count; ++i)
          ASSERT_TRUE(scheduler.backlog(i) == 0 || std::isfinite(shares[i].limit_bps))
              << "rests with work for " << i;
        now += 100us;
        continue;
      }
      ASSERT_GT(turn->max_bytes, 0);
      ASSERT_LE(turn->max_bytes, std::min(scheduler.backlog(turn->service), FairScheduler::kTurnBytes));
      const auto bytes =
          std::min<std::int64_t>(turn->max_bytes, 1 + static_cast<std::int64_t>(random() % 1400));
      scheduler.on_sent(now, turn->service, bytes);
      log[turn->service].emplace_back(now, static_cast<double>(bytes));
      total[turn->service] += static_cast<double>(bytes);
      now += from_seconds(static_cast<double>(bytes) * 8 / link_bps);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const double seconds_long = seconds(now - begin),
                   enough = std::min(shares[i].guaranteed_bps, shares[i].limit_bps);
      if (always[i]) {
        EXPECT_GE(total[i] * 8 / seconds_long, enough * 0.97 - 30'000) << i;
      }
      if (!std::isfinite(shares[i].limit_bps)) continue;
      // From any packet on: at most the burst and the rate.
      const double burst = std::max(shares[i].limit_bps / 8 * 0.1, 1500.0);
      for (std::size_t from = 0; from < log[i].size(); from += 17) {
        double bytes = 0;
        for (std::size_t k = from; k < log[i].size(); ++k) {
          bytes += log[i][k].second;
          ASSERT_LE(bytes,
                    burst + shares[i].limit_bps / 8 * seconds(log[i][k].first - log[i][from].first) + 2)
              << i;
        }
      }
    }
  }
}

}  // namespace
}  // namespace turbo
