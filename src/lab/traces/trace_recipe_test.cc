#include "lab/traces/trace_recipe.h"

#include <gtest/gtest.h>

#include <sstream>

#include "lab/traces/trace_summary.h"

namespace turbo {
namespace {

TEST(TraceRecipe, the_same_recipe_gives_the_same_trace) {
  TraceRecipe recipe;
  const auto once = make_trace(recipe).opportunities_ms;
  EXPECT_EQ(once, make_trace(recipe).opportunities_ms);
  recipe.seed = 2;
  EXPECT_NE(once, make_trace(recipe).opportunities_ms);
}

TEST(TraceRecipe, meets_its_mean_and_bounds) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    TraceRecipe recipe;
    recipe.seed = seed;
    const auto summary = summarise(make_trace(recipe));
    EXPECT_NEAR(summary.mean_mbps, 20, 0.14) << seed;
    EXPECT_NEAR(summary.duration_s, 60, 0.001);
    EXPECT_GE(summary.min_mbps, 7.9);
    EXPECT_LE(summary.max_mbps, 40.1);
    EXPECT_GT(summary.p95_mbps - summary.p5_mbps, 6) << "hardly varies";
    EXPECT_LT(summary.longest_gap_s, 0.01);
  }
}

TEST(TraceRecipe, a_blackout_is_a_gap_of_its_length) {
  TraceRecipe recipe;
  recipe.blackout_at_s = 20;
  recipe.blackout_length_s = 2;
  EXPECT_NEAR(summarise(make_trace(recipe)).longest_gap_s, 2, 0.01);
}

TEST(TraceRecipe, what_is_written_can_be_read) {
  TraceRecipe recipe;
  recipe.duration_s = 2;
  const auto trace = make_trace(recipe);
  std::stringstream file;
  write_trace(trace, file);
  EXPECT_EQ(parse_delivery_trace(file, "made").opportunities_ms, trace.opportunities_ms);
}

TEST(TraceRecipe, refuses_impossible_recipes) {
  const auto refused = [](auto change) {
    TraceRecipe recipe;
    change(recipe);
    try {
      make_trace(recipe);
    } catch (const LinkConfigError&) {
      return true;
    }
    return false;
  };
  EXPECT_TRUE(refused([](TraceRecipe& r) { r.mean_mbps = 41; }));
  EXPECT_TRUE(refused([](TraceRecipe& r) { r.min_mbps = 0; }));
  EXPECT_TRUE(refused([](TraceRecipe& r) { r.duration_s = 0; }));
  EXPECT_TRUE(refused([](TraceRecipe& r) { r.blackout_length_s = 60; }));
}

TEST(TraceSummary, counts_windows) {
  DeliveryTrace trace;
  for (std::uint32_t ms = 1; ms <= 1000; ++ms)
    if (ms <= 500 || ms % 2 == 0) trace.opportunities_ms.push_back(ms);
  const auto summary = summarise(trace);
  EXPECT_DOUBLE_EQ(summary.mean_mbps, 9);
  EXPECT_NEAR(summary.min_mbps, 6, 1e-9);
  EXPECT_NEAR(summary.max_mbps, 12, 1e-9);
  EXPECT_DOUBLE_EQ(summary.longest_gap_s, 0.002);
}

}  // namespace
}  // namespace turbo
