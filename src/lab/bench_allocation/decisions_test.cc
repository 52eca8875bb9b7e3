#include "lab/bench_allocation/decisions.h"

#include <gtest/gtest.h>

#include <cmath>

namespace turbo {
namespace {

TEST(Decisions, AreThoseOfTheirSeed) {
  const Decisions wanted{.count = 30, .seed = 5};
  const auto one = time_decisions(wanted, true), again = time_decisions(wanted, true);
  ASSERT_EQ(one.size(), 30u);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].value, again[i].value);
    EXPECT_EQ(one[i].instance.bandwidth_mbps, again[i].instance.bandwidth_mbps);
    EXPECT_TRUE(one[i].instance.bandwidth_mbps > 0 && std::isfinite(one[i].instance.bandwidth_mbps));
    EXPECT_LE(one[i].needed_mbps, one[i].instance.bandwidth_mbps + 1e-9);
    EXPECT_EQ(one[i].instance.services.size(), 3u);
    EXPECT_EQ(one[i].instance.services[2].options.size(), 23u);
    EXPECT_TRUE(one[i].exact);
  }
  EXPECT_NE(time_decisions({.count = 1, .seed = 6000}, false)[0].value, one[0].value);
}

TEST(Decisions, EveryKindHasThemDownToASingleConfiguration) {
  for (const InstanceKind kind : instance_kinds())
    for (const std::size_t configs : {1u, 2u, 9u})
      EXPECT_EQ(time_decisions({.kind = kind, .services = 2, .configs = configs, .count = 5}, false).size(),
                5u);
}

TEST(Decisions, PlansAreTimedOneByOne) {
  const auto plans = time_plans({.count = 30, .seed = 5});
  ASSERT_EQ(plans.size(), 30u);
  for (const double us : plans) EXPECT_GT(us, 0);
}

}  // namespace
}  // namespace turbo
