#include "core/planning/learned_chance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>

#include "core/planning/policy_names.h"

namespace turbo {
namespace {

Time at(double s) { return Time(from_seconds(s)); }

LinkReport link(double mbps, double low_mbps, int finished = 0, int in_time = 0) {
  LinkReport report{
      .bandwidth_mbps = mbps, .low_mbps = low_mbps, .high_mbps = 2 * mbps - low_mbps, .rtt_ms = 40};
  report.services = {{.service_id = 1, .config = "any", .all_finished = finished, .all_in_time = in_time}};
  return report;
}

// The chance of what needs so much, right away.
double first_chance(double mbps, double low_mbps, double needed_mbps) {
  LearnedChance chance;
  chance.learn(at(0), link(mbps, low_mbps));
  return *chance.chance(needed_mbps);
}

TEST(LearnedChance, WhatNeedsLessOfASurerEstimateIsMoreLikely) {
  EXPECT_LT(first_chance(20, 16, 20), 0.5);  // nothing is known of this link
  EXPECT_GT(first_chance(20, 16, 5), first_chance(20, 16, 10));
  EXPECT_GT(first_chance(20, 18, 10), first_chance(20, 10, 10));
  EXPECT_GT(first_chance(20, 18, 1), 0.5);
}

TEST(LearnedChance, StatesTheForecastForWhatIsNeeded) {
  LearnedChance chance;
  chance.learn(at(0), link(20, 16));
  EXPECT_EQ(chance.most_mbps(), 20);
  EXPECT_EQ(*chance.promise(10), *chance.chance(10));
  EXPECT_FALSE(chance.promise(0));  // nothing is sent: nothing is promised
}

TEST(LearnedChance, ATryIsMadeAfterASecondOfNothingAndLastsUntilFramesAreHeardOf) {
  LearnedChance chance(0.8);
  double now_s = 0;
  const auto wait = [&] {  // until it tries
    const double from_s = now_s;
    do chance.learn(at(now_s += 0.5), link(20, 16));
    while (!chance.tries());
    return now_s - from_s;
  };
  chance.learn(at(0), link(20, 16));
  EXPECT_FALSE(chance.tries());
  EXPECT_GT(chance.least_chance(), 0.8);
  EXPECT_EQ(wait(), 1);
  for (int i = 0; i < 10; ++i) {  // a long SLO: nothing ends
    EXPECT_EQ(chance.least_chance(), 0);
    chance.promise(10);
    chance.learn(at(now_s += 0.5), link(20, 16));
  }
  EXPECT_TRUE(chance.tries());
  chance.learn(at(now_s += 0.5), link(20, 16, 5, 0));
  EXPECT_FALSE(chance.tries());
  chance.promise(0);
  EXPECT_EQ(wait(), 2);  // it was of no use
  for (const double later_s : {2, 2}) {
    chance.promise(10);
    chance.learn(at(now_s += 0.5), link(20, 16, 5, 0));
    chance.promise(0);
    EXPECT_EQ(wait(), later_s);
  }
  chance.promise(10);
  chance.learn(at(now_s += 0.5), link(20, 16, 5, 5));
  chance.promise(0);
  EXPECT_EQ(wait(), 1);
  LearnedChance free;
  free.learn(at(0), link(20, 16));
  free.learn(at(9), link(20, 16));
  EXPECT_FALSE(free.tries());  // it promised nothing
  EXPECT_EQ(free.least_chance(), 0);
}

TEST(LearnedChance, WhatKeepsAPromiseHasToBeForecastTheLikelierTheMoreOfItIsLate) {
  LearnedChance chance(0.8);
  double now_s = 0;
  const auto report = [&](int in_time) {
    chance.promise(10);
    chance.learn(at(now_s += 0.5), link(20, 16, 5, in_time));
    return chance.least_chance();
  };
  chance.learn(at(0), link(20, 16));
  const double first = chance.least_chance();
  EXPECT_GT(first, 0.8);
  report(4);  // as promised
  EXPECT_NEAR(report(4), first, 1e-9);
  EXPECT_GT(report(3), first);
  for (int i = 0; i < 1000; ++i) report(0);
  EXPECT_LT(chance.least_chance(), 1);
  EXPECT_LT(report(5), report(0));
  for (int i = 0; i < 1000; ++i) report(5);
  EXPECT_EQ(chance.least_chance(), 0.8);
}

// However often it reports, and however long its frames take.
TEST(LearnedChance, AfterABadMinuteItSendsAgain) {
  for (const auto& [period_s, slo_s] :
       {std::pair{0.5, 0.15}, {0.05, 0.15}, {0.02, 0.5}, {0.2, 1.0}, {0.5, 5.0}}) {
    LearnedChance chance(0.8);
    std::vector<std::pair<double, bool>> ends;  // of frames, ten a second
    double next_frame_s = 0;
    int sent = 0, of = 0;
    for (double now_s = 0; now_s < 180; now_s += period_s) {
      int finished = 0, in_time = 0;
      std::erase_if(ends, [&](const auto& end) {
        if (end.first > now_s) return false;
        ++finished;
        in_time += end.second ? 1 : 0;
        return true;
      });
      chance.learn(at(now_s), link(20, 16, finished, in_time));
      const bool sends = *chance.chance(5) >= chance.least_chance();
      chance.promise(sends ? 5 : 0);
      for (; next_frame_s <= now_s; next_frame_s += 0.1)
        if (sends) ends.emplace_back(now_s + 0.7 * slo_s, now_s > 60);
      if (now_s < 120) continue;
      sent += sends ? 1 : 0;
      ++of;
    }
    EXPECT_EQ(sent, of) << period_s << " " << slo_s;
  }
}

// Frames are in time with a probability that has nothing to do with the first forecast.
TEST(LearnedChance, WhatIsPromisedComesTrueOnAverage) {
  for (const double truth : {0.98, 0.9, 0.75, 0.4}) {
    LearnedChance chance;
    std::mt19937 random(2);
    double promised = 0, attained = 0;
    int finished = 0, in_time = 0;
    for (int i = 0; i < 280; ++i) {
      chance.learn(at(i * 0.5), link(20, 16, finished, in_time));
      promised += *chance.promise(15);
      finished = 15;
      in_time = std::binomial_distribution<int>(15, truth)(random);
      attained += in_time / 15.0;
    }
    EXPECT_NEAR(promised / 280, attained / 280, 0.02) << truth;
  }
}

TEST(LearnedChance, LateFramesMakeItLessLikelyAndFramesInTimeMore) {
  LearnedChance chance;
  const auto after = [&](int in_time, double from_s) {
    for (int i = 0; i < 40; ++i) {
      chance.learn(at(from_s + i * 0.5), link(20, 16, i > 0 ? 10 : 0, i > 0 ? in_time : 0));
      chance.promise(10);
    }
    return *chance.chance(10);
  };
  EXPECT_GT(after(10, 0), 0.9);
  EXPECT_LT(after(0, 30), 0.1);
  EXPECT_GT(after(10, 60), 0.8);
}

// All that was given up after a long outage, say, is heard of at once.
TEST(LearnedChance, OneReportOfVeryManyFramesIsNoMoreThanAFewReports) {
  LearnedChance chance;
  double now_s = 0;
  const auto report = [&](int finished, int in_time) {
    chance.learn(at(now_s += 0.5), link(20, 16, finished, in_time));
    chance.promise(10);
    return *chance.chance(10);
  };
  report(0, 0);
  for (int i = 0; i < 60; ++i) report(10, 10);
  EXPECT_GT(report(10, 10), 0.95);
  EXPECT_GT(report(3000, 0), 0.5);
  EXPECT_GT(report(10, 10), 0.5);
  for (int i = 0; i < 40; ++i) report(10, 10);
  EXPECT_GT(report(10, 10), 0.9);
}

TEST(LearnedChance, WhatIsWrongInAReportDoesNotCount) {
  LearnedChance right, wrong;
  for (int i = 0; i < 10; ++i) {
    right.learn(at(i), link(20, 16));
    right.promise(10);
    for (const auto& [finished, in_time] : {std::pair{5, 6}, {-5, -5}, {5, -1}, {1 << 30, 0}}) {
      wrong.learn(at(i), link(20, 16, finished, in_time));
      wrong.promise(10);
    }
  }
  EXPECT_EQ(right.chance(10), wrong.chance(10));
  for (const double low_mbps : {std::nan(""), -1.0, 0.0, 30.0, HUGE_VAL}) {
    EXPECT_GT(first_chance(20, low_mbps, 1), 0.5) << low_mbps;
    EXPECT_LT(first_chance(20, low_mbps, 20), 0.5) << low_mbps;
  }
  LearnedChance nothing;
  nothing.learn(at(0), link(std::nan(""), 1));
  EXPECT_EQ(nothing.most_mbps(), 0);
  nothing.learn(at(1), link(0, 0));
  EXPECT_EQ(nothing.most_mbps(), 0);
  EXPECT_LT(*nothing.chance(1), 0.1);
}

TEST(LearnedChance, TheSameReportsGiveTheSame) {
  LearnedChance one(0.9), other(0.9);
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    const double mbps = 1 + static_cast<double>(random() % 1000) / 20;
    const LinkReport report = link(mbps, mbps * 0.8, 5, static_cast<int>(random() % 6));
    one.learn(at(i * 0.5), report);
    other.learn(at(i * 0.5), report);
    EXPECT_EQ(one.promise(mbps / 2), other.promise(mbps / 2));
  }
}

TEST(FixedShare, ARiseCountsOnceTwoReportsAgree) {
  FixedShare share(0.5);
  share.learn(at(0), link(20, 16));
  EXPECT_EQ(share.most_for_new_mbps(), 10);
  share.learn(at(0.5), link(40, 36));
  EXPECT_EQ(share.most_mbps(), 20);
  EXPECT_EQ(share.most_for_new_mbps(), 10);
  share.learn(at(0.6), link(60, 36));
  EXPECT_EQ(share.most_for_new_mbps(), 10);  // of the same moment
  share.learn(at(1), link(50, 36));
  EXPECT_EQ(share.most_for_new_mbps(), 25);
  share.learn(at(1.5), link(4, 3));
  EXPECT_EQ(share.most_for_new_mbps(), 2);
}

TEST(PolicyNames, AreAsWritten) {
  EXPECT_EQ(make_policy("static", {})->name(), "static");
  EXPECT_EQ(make_policy("live", {})->name(), "live");
  EXPECT_EQ(make_budget("share:0.9")->name(), "share");
  EXPECT_EQ(make_budget("promise:0.9")->name(), "promise");
  EXPECT_EQ(make_budget("expected")->name(), "expected");
  for (const PolicyName& policy : policy_names())
    EXPECT_NO_THROW(make_policy(policy.name, {})) << policy.name;
  EXPECT_THROW(make_policy("dead", {}), std::invalid_argument);
  EXPECT_THROW(make_policy("recent:10", {}), std::invalid_argument);
  for (const char* wrong :
       {"all", "", "share", "share:", "share:1.5", "share:nan", "share:0.5x", "promise:0.4", "promise:0",
        "promise:1", "promise:nan", "promise", "expected:7", "expected:"})
    EXPECT_THROW(make_budget(wrong), std::invalid_argument) << wrong;
  EXPECT_THROW(LearnedChance(0), std::invalid_argument);
}

}  // namespace
}  // namespace turbo
