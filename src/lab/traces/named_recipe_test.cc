#include "lab/traces/named_recipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "lab/traces/trace_plot.h"
#include "lab/traces/trace_summary.h"

namespace turbo {
namespace {

constexpr std::uint32_t kSecond = 1000;

std::vector<double> mbps_by_second(const DeliveryTrace& trace) {
  std::vector<double> rates(trace.period_ms() / kSecond, 0);
  for (const auto ms : trace.opportunities_ms)
    rates[std::min<std::size_t>((ms - 1) / kSecond, rates.size() - 1)] += 0.012;
  return rates;
}

struct Expected {
  const char* name;
  double p5, p50, p95;                   // Mbps, of 1 s windows
  double shortest_gap_s, longest_gap_s;  // of a trace's longest
};

TEST(NamedRecipe, has_the_statistics_that_it_says) {
  for (const Expected& want :
       {Expected{"lte", 10, 35, 49, 0.05, 0.3}, Expected{"drive", 0.8, 9.5, 47, 0.2, 2},
        Expected{"5g-blackouts", 0, 9.6, 92, 3, 40}, Expected{"satellite", 4.5, 11.5, 19, 0.4, 5},
        Expected{"wifi-handover", 5.5, 31, 53, 0.8, 2.7}}) {
    constexpr int kSeeds = 8;
    double p5 = 0, p50 = 0, p95 = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const auto summary = summarise(make_named_trace(want.name, seed, 240), kSecond);
      p5 += summary.p5_mbps / kSeeds;
      p50 += summary.p50_mbps / kSeeds;
      p95 += summary.p95_mbps / kSeeds;
      EXPECT_NEAR(summary.duration_s, 240, 0.001);
      EXPECT_GE(summary.longest_gap_s, want.shortest_gap_s) << want.name << " seed " << seed;
      EXPECT_LE(summary.longest_gap_s, want.longest_gap_s) << want.name << " seed " << seed;
    }
    EXPECT_NEAR(p5, want.p5, std::max(0.5, want.p5 * 0.15)) << want.name;
    EXPECT_NEAR(p50, want.p50, want.p50 * 0.15) << want.name;
    EXPECT_NEAR(p95, want.p95, want.p95 * 0.15) << want.name;
  }
}

TEST(NamedRecipe, the_same_arguments_give_the_same_trace) {
  for (const auto& recipe : named_recipes()) {
    const auto once = make_named_trace(recipe.name, 5, 60).opportunities_ms;
    EXPECT_EQ(once, make_named_trace(recipe.name, 5, 60).opportunities_ms);
    EXPECT_NE(once, make_named_trace(recipe.name, 6, 60).opportunities_ms);
  }
}

TEST(NamedRecipe, can_be_scaled) {
  for (const auto& recipe : named_recipes()) {
    const double whole = make_named_trace(recipe.name, 3, 60).mean_bps();
    EXPECT_NEAR(make_named_trace(recipe.name, 3, 60, 0.5).mean_bps(), whole / 2, whole * 0.005)
        << recipe.name;
  }
}

TEST(NamedRecipe, blackouts_take_two_fifths_of_the_seconds) {
  double dark = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    for (const double mbps : mbps_by_second(make_named_trace("5g-blackouts", seed, 240))) {
      dark += mbps < 1;
      ++all;
    }
  EXPECT_NEAR(dark / all, 0.4, 0.05);
}

TEST(NamedRecipe, a_satellites_rate_steps_every_fifteen_seconds) {
  const auto rates = mbps_by_second(make_named_trace("satellite", 2, 1800));
  std::vector<double> change(15, 0);
  for (std::size_t i = 1; i < rates.size(); ++i) change[i % 15] += std::abs(rates[i] - rates[i - 1]);
  std::sort(change.begin(), change.end());
  // A step inside a second shows in two differences.
  EXPECT_GT(change[14] + change[13], 4 * change[7]);
}

TEST(NamedRecipe, refuses_what_it_does_not_know) {
  try {
    make_named_trace("lta", 1, 60);
    FAIL();
  } catch (const LinkConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "recipe 'lta': expected one of mobile, lte, drive, 5g-blackouts, satellite, wifi-handover");
  }
  EXPECT_THROW(make_named_trace("lte", 1, 0.5), LinkConfigError);
  EXPECT_THROW(make_named_trace("lte", 1, 1e9), LinkConfigError);
  EXPECT_THROW(make_named_trace("lte", 1, 60, 0), LinkConfigError);
  EXPECT_THROW(make_named_trace("lte", 1, 60, std::nan("")), LinkConfigError);
}

TEST(RandomRates, shapes_by_rank_and_keeps_the_order) {
  Rates values{5, -1, 3, 0};
  shape_by_rank(values, {{0, 0}, {0.5, 10}, {1, 110}});
  EXPECT_EQ(values, (Rates{85, 2.5, 35, 7.5}));
}

TEST(RandomRates, interrupts_about_as_often_and_as_long_as_asked) {
  Random random(1);
  Rates rates(steps_of(3600), 10.0);
  interrupt(rates, 20, 0.2, 0.4, random);
  const auto silent = static_cast<double>(std::count(rates.begin(), rates.end(), 0.0)) * kStepS;
  EXPECT_NEAR(silent, 3600 / 20 * 0.3, 12);
}

TEST(TracePlot, has_a_step_for_every_second) {
  DeliveryTrace trace;
  for (const auto& [second, count] : {std::pair{0, 1000}, {1, 500}, {3, 125}})
    for (int i = 0; i < count; ++i)
      trace.opportunities_ms.push_back(static_cast<std::uint32_t>(second * 1000 + 1 + i * 1000 / count));
  trace.opportunities_ms.push_back(4500);  // half a second with one
  const auto figure = figure_of(trace, "");
  const auto& capacity = figure.panels.at(0).series.at(0);
  EXPECT_EQ(capacity.x, (Rates{0, 1, 2, 3, 4}));
  EXPECT_EQ(capacity.y, (Rates{12, 6, 0, 1.5, 0.024}));
  EXPECT_EQ(figure.panels[0].x.high, 4.5);
}

}  // namespace
}  // namespace turbo
