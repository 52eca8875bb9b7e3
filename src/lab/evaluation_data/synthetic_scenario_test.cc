#include "lab/evaluation_data/synthetic_scenario.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace turbo::lab {
namespace {

constexpr int kScenarios = 60, kFrames = 200;

double value(double accuracy) { return accuracy == SyntheticScenario::kNothing ? 1 : accuracy; }

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double mean_a = mean(a), mean_b = mean(b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

// All frames of all scenarios, one after the other.
std::vector<double> drive(int camera, const ModelConfig& config) {
  std::vector<double> all;
  for (int i = 0; i < kScenarios; ++i)
    for (const double accuracy :
         SyntheticScenario(3, i, kFrames).accuracies(camera, synthetic_model(config.model), config))
      all.push_back(value(accuracy));
  return all;
}

TEST(SyntheticScenario, LargerModelsAreBetterOnAverageButNotAlways) {
  double last = 0;
  std::vector<double> smaller;
  for (const SyntheticModel& model : synthetic_models()) {
    const auto all = drive(1, {.model = model.name});
    EXPECT_GT(mean(all), last + 0.01) << model.name;
    if (!smaller.empty()) {
      std::size_t worse = 0;
      for (std::size_t i = 0; i < all.size(); ++i) worse += all[i] < smaller[i];
      EXPECT_GT(double(worse) / double(all.size()), 0.02) << model.name;
      EXPECT_LT(double(worse) / double(all.size()), 0.5) << model.name;
    }
    last = mean(all);
    smaller = all;
  }
}

TEST(SyntheticScenario, CompressionCostsMoreTheLowerItsQualityAndTheSmallerTheModel) {
  const auto cost = [](const char* model, Compression quality) {
    return mean(drive(2, {.model = model})) - mean(drive(2, {.model = model, .input = quality}));
  };
  EXPECT_GT(cost("edd2", Compression::kJpeg50), cost("edd2", Compression::kJpeg75));
  EXPECT_GT(cost("edd2", Compression::kJpeg75), cost("edd2", Compression::kJpeg95));
  EXPECT_GT(cost("edd2", Compression::kJpeg95), 0);
  EXPECT_GT(cost("edd2", Compression::kJpeg50), 1.2 * cost("edd7x", Compression::kJpeg50));
}

TEST(SyntheticScenario, FramesModelsCamerasAndScenariosHangTogether) {
  const ModelConfig config{.model = "edd4"};
  const auto front = drive(1, config);
  EXPECT_GT(correlation({front.begin(), front.end() - 10}, {front.begin() + 10, front.end()}),
            0.3);  // a second on
  EXPECT_GT(correlation(front, drive(1, {.model = "edd7x"})), 0.6);
  EXPECT_GT(correlation(front, drive(2, config)), 0.1);
  EXPECT_LT(correlation(front, drive(2, config)), 0.9);
  double least = 1, most = 0;
  for (int i = 0; i < kScenarios; ++i) {
    const double one = mean({front.begin() + i * kFrames, front.begin() + (i + 1) * kFrames});
    least = std::min(least, one);
    most = std::max(most, one);
  }
  EXPECT_GT(most - least, 0.1);
}

TEST(SyntheticScenario, SomeFramesAreEmptyAndSmallModelsSeeMoreInThem) {
  int empty[2] = {}, alarms[2] = {};
  const char* names[2] = {"edd1", "edd7x"};
  for (int model = 0; model < 2; ++model)
    for (int i = 0; i < kScenarios; ++i)
      for (const double accuracy :
           SyntheticScenario(3, i, kFrames)
               .accuracies(5, synthetic_model(names[model]), {.model = names[model]})) {
        EXPECT_TRUE(accuracy == SyntheticScenario::kNothing || (accuracy >= 0 && accuracy <= 1));
        empty[model] += accuracy == SyntheticScenario::kNothing;
        alarms[model] += accuracy == 0;
      }
  EXPECT_GT(empty[0], kScenarios * kFrames / 20);
  EXPECT_GT(alarms[0], alarms[1]);
  EXPECT_EQ(empty[0] + alarms[0], empty[1] + alarms[1]);
}

}  // namespace
}  // namespace turbo::lab
