#include "lab/link/jitter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace turbo {
namespace {

using std::chrono::milliseconds;

const Time kStart{std::chrono::hours(5)};

std::vector<double> draws(JitterShape shape, std::uint64_t seed) {
  const Jitter jitter({milliseconds(60), shape, milliseconds(5)}, kStart, seed);
  std::vector<double> result;
  for (int slot = 0; slot < 20'000; ++slot)
    result.push_back(turbo::milliseconds(jitter.at(kStart + milliseconds(5 * slot))));
  return result;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += (v - mean(values)) * (v - mean(values));
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST(Jitter, has_the_shape_that_it_says) {
  const auto uniform = draws(JitterShape::kUniform, 1), normal = draws(JitterShape::kNormal, 1);
  EXPECT_NEAR(mean(uniform), 30, 0.5);
  EXPECT_NEAR(deviation(uniform), 60 / std::sqrt(12), 0.5);
  EXPECT_NEAR(mean(normal), 30, 0.5);
  EXPECT_NEAR(deviation(normal), 10, 0.5);
  for (const auto* values : {&uniform, &normal})
    for (const double v : *values) ASSERT_TRUE(v >= 0 && v <= 60);
}

TEST(Jitter, is_drawn_by_seed_and_neighbours_differ) {
  const auto once = draws(JitterShape::kUniform, 1);
  EXPECT_EQ(once, draws(JitterShape::kUniform, 1));
  for (const std::uint64_t other_seed : {2u, 3u}) {
    const auto other = draws(JitterShape::kUniform, other_seed);
    double together = 0;
    for (std::size_t i = 0; i < once.size(); ++i) together += (once[i] - 30) * (other[i] - 30);
    EXPECT_NEAR(together / static_cast<double>(once.size()) / 300, 0, 0.03);
  }
  double together = 0;
  for (std::size_t i = 1; i < once.size(); ++i) together += (once[i] - 30) * (once[i - 1] - 30);
  EXPECT_NEAR(together / static_cast<double>(once.size()) / 300, 0, 0.03);
}

TEST(Jitter, holds_a_draw_for_its_time) {
  const Jitter jitter({milliseconds(60), JitterShape::kUniform, milliseconds(5)}, kStart, 1);
  EXPECT_EQ(jitter.at(kStart), jitter.at(kStart + milliseconds(5) - Duration(1)));
  EXPECT_NE(jitter.at(kStart), jitter.at(kStart + milliseconds(5)));
  EXPECT_EQ(Jitter({}, kStart, 1).at(kStart), Duration{});
}

}  // namespace
}  // namespace turbo
