#include "core/allocation/exact.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <random>

namespace turbo {
namespace {

UtilityCurve curve_of(const std::vector<std::pair<double, double>>& steps) {
  UtilityCurve curve;
  for (const auto& [start, utility] : steps) {
    if (!curve.empty()) curve.back().end_mbps = start;
    curve.push_back({start, HUGE_VAL, utility, utility, curve.size()});
  }
  return curve;
}

double utility(const std::vector<UtilityCurve>& curves, const std::vector<std::size_t>& steps) {
  double sum = 0;
  for (std::size_t i = 0; i < curves.size(); ++i) sum += curves[i][steps[i]].utility;
  return sum;
}

double start(const std::vector<UtilityCurve>& curves, const std::vector<std::size_t>& steps) {
  double sum = 0;
  for (std::size_t i = 0; i < curves.size(); ++i) sum += curves[i][steps[i]].start_mbps;
  return sum;
}

struct Best {
  double utility = -1, start = 0;
  std::vector<std::size_t> steps;
};

// The written rule, tried out: most utility, then least bandwidth, then the first services highest.
void brute_force(const std::vector<UtilityCurve>& curves, double bandwidth, std::vector<std::size_t>& steps,
                 double needed, double gained, Best* best) {
  if (needed > bandwidth + 1e-9) return;
  if (steps.size() == curves.size()) {
    const bool better = gained > best->utility + 1e-9;
    const bool tied = std::abs(gained - best->utility) <= 1e-9;
    const bool cheaper = needed < best->start - 1e-6;
    const bool as_cheap = std::abs(needed - best->start) <= 1e-6;
    if (better || (tied && (cheaper || (as_cheap && steps > best->steps)))) *best = {gained, needed, steps};
    return;
  }
  const auto& curve = curves[steps.size()];
  for (std::size_t i = 0; i < curve.size(); ++i) {
    steps.push_back(i);
    brute_force(curves, bandwidth, steps, needed + curve[i].start_mbps, gained + curve[i].utility, best);
    steps.pop_back();
  }
}

// On a coarse grid, so that ties are frequent; on a fine one, so that they are not.
std::vector<UtilityCurve> random_curves(std::mt19937& random, std::size_t services, std::size_t most_steps,
                                        int grid) {
  std::vector<UtilityCurve> curves;
  for (std::size_t s = 0; s < services; ++s) {
    std::vector<std::pair<double, double>> steps{{0, 0.1}};
    const std::size_t count = 1 + random() % most_steps;
    while (steps.size() < count)
      steps.push_back({steps.back().first + (1 + static_cast<double>(random() % grid)) / grid * 4,
                       steps.back().second + (1 + static_cast<double>(random() % grid)) / grid * 0.1});
    curves.push_back(curve_of(steps));
  }
  return curves;
}

TEST(ExactAllocation, EqualsBruteForceOnRandomInstances) {
  std::mt19937 random(31);
  for (int round = 0; round < 3000; ++round) {
    const int grid = round % 2 == 0 ? 2 : 1 << 20;
    const auto curves = random_curves(random, 1 + random() % 4, 6, grid);
    const double bandwidth = round % 7 == 0 ? 0 : static_cast<double>(random() % 400) / 10;
    Best best;
    std::vector<std::size_t> steps;
    brute_force(curves, bandwidth, steps, 0, 0, &best);
    const auto got = allocate_exactly(curves, bandwidth);
    ASSERT_NEAR(utility(curves, got), best.utility, 1e-8) << round;
    ASSERT_EQ(got, best.steps) << round;
    ASSERT_LE(start(curves, got), bandwidth + 1e-6) << round;
  }
}

TEST(ExactAllocation, GreedyByRatioWouldBeWrongHere) {
  const std::vector<UtilityCurve> curves{curve_of({{0, 0.1}, {1, 0.3}}), curve_of({{0, 0.1}, {10, 0.9}})};
  const auto got = allocate_exactly(curves, 10);
  EXPECT_EQ(got, (std::vector<std::size_t>{0, 1}));
}

TEST(ExactAllocation, TiesGoToTheFirstServices) {
  const std::vector<UtilityCurve> curves(4, curve_of({{0, 0.1}, {0.1, 0.3}, {0.7, 0.5}}));
  EXPECT_EQ(allocate_exactly(curves, 0.3), (std::vector<std::size_t>{1, 1, 1, 0}));
  EXPECT_EQ(allocate_exactly(curves, 1.0), (std::vector<std::size_t>{2, 1, 1, 1}));
}

TEST(ExactAllocation, ABandwidthThatIsNoneGivesTheFirstSteps) {
  const std::vector<UtilityCurve> curves(3, curve_of({{0, 0.1}, {5, 0.3}}));
  for (const double none : {0.0, -1.0, std::nan(""), -HUGE_VAL})
    EXPECT_EQ(allocate_exactly(curves, none), (std::vector<std::size_t>{0, 0, 0}));
  EXPECT_EQ(allocate_exactly(curves, HUGE_VAL), (std::vector<std::size_t>{1, 1, 1}));
  EXPECT_TRUE(allocate_exactly({}, 10).empty());
}

TEST(ExactAllocation, StepsCloserThanItsUnitsDoNoHarm) {
  const std::vector<UtilityCurve> curves(2,
                                         curve_of({{0, 0.1}, {1e-12, 0.2}, {2e-12, 0.2 + 1e-12}, {1, 0.3}}));
  const auto got = allocate_exactly(curves, 1);
  EXPECT_NEAR(utility(curves, got), 0.5, 1e-9);
  EXPECT_EQ(got[0], 3u);
}

// A guard against a change that makes it slow, not a benchmark: 64 noisy curves of 64 steps.
TEST(ExactAllocation, StaysFastWithManyServices) {
  std::mt19937 random(7);
  const auto curves = random_curves(random, 64, 64, 1 << 20);
  double total = 0;
  for (const auto& curve : curves) total += curve.back().start_mbps;
  const auto before = std::chrono::steady_clock::now();
  for (int i = 1; i < 10; ++i) {
    const auto got = allocate_exactly(curves, total * i / 10);
    EXPECT_LE(start(curves, got), total * i / 10 + 1e-6);
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - before;
  RecordProperty("ms_each", std::to_string(took.count() / 9));
  EXPECT_LT(took.count() / 9, 5000);  // 20 ms; many times that under a sanitizer on a busy machine
}

}  // namespace
}  // namespace turbo
