#include "lab/experiments/truth.h"

#include <gtest/gtest.h>

#include "core/fnv1a.h"
#include "lab/experiments/test_scenario.h"

namespace turbo::experiments {
namespace {

TEST(Names, HaveTheNumberThatFnv1aGivesThemEverywhere) {
  static_assert(fnv1a("") == 0xcbf29ce484222325 && fnv1a("a") == 0xaf63dc4c8601ec8c);
  static_assert(fnv1a("foobar") == 0x85944171f73967e8);
  EXPECT_EQ(static_cast<std::uint64_t>(name_number("foobar")), 0x85944171f73967e8);
}

using std::chrono::milliseconds;

TEST(Truth, AScenarioBeginsAnewWhenItIsOver) {
  const Truth truth({test_camera(1)}, test_scenario("a").frames, {}, 1);
  EXPECT_EQ(truth.utility(0, 2, milliseconds(0)), 0.6);
  EXPECT_EQ(truth.utility(0, 2, milliseconds(99)), 0.6);
  EXPECT_EQ(truth.utility(0, 2, milliseconds(100)), 0.3);
  EXPECT_EQ(truth.utility(0, 1, milliseconds(399)), 0.6);
  EXPECT_EQ(truth.utility(0, 2, milliseconds(400)), 0.6);
  EXPECT_EQ(truth.utility(0, 2, milliseconds(4'150)), 0.3);
}

TEST(Truth, RepeatedTimelinesCoverWhatIsAskedFor) {
  const UtilityTimeline frames = *test_scenario("a").frames;
  EXPECT_EQ(length_us(frames), 400'000);
  const UtilityTimeline longer = repeated(frames, length_us(frames), milliseconds(900));
  ASSERT_EQ(longer.windows.size(), 12u);
  EXPECT_EQ(longer.windows[4].start_us, 400'000);
  EXPECT_EQ(longer.utilities[5], frames.utilities[1]);
  EXPECT_EQ(length_us(test_timeline("one", {{0.1, 0.2, 0.3}})), 100'000);
}

TEST(Truth, WithoutDisturbanceTheTableIsTrue) {
  const Truth truth({test_camera(1)}, std::nullopt, {}, 1);
  EXPECT_EQ(truth.megabits(0, 2, 17), 1.2);
  EXPECT_EQ(truth.runtime_ms(0, 2, 17), 50);
  EXPECT_EQ(truth.utility(0, 2, milliseconds(1'234)), 0.5);
}

TEST(Truth, DisturbancesAreOfTheirKindAndSeed) {
  const std::vector<Service> cameras{test_camera(1), test_camera(2)};
  const Truth biased(cameras, std::nullopt, {.size_bias = 0.5, .server_bias = 0.5}, 1);
  const double factor = biased.megabits(0, 1, 0) / 0.6;
  EXPECT_NE(factor, 1);
  EXPECT_DOUBLE_EQ(biased.megabits(0, 2, 9) / 1.2, factor) << "the camera's, whatever is chosen";
  EXPECT_NE(biased.megabits(1, 1, 0) / 0.6, factor);
  EXPECT_EQ(biased.runtime_ms(0, 1, 0), biased.runtime_ms(1, 1, 5)) << "the model's, whoever asks";
  EXPECT_NE(biased.runtime_ms(0, 1, 0), biased.runtime_ms(0, 2, 0));

  const Truth noisy(cameras, std::nullopt, {.size_spread = 0.3, .server_spread = 0.3}, 1);
  EXPECT_NE(noisy.megabits(0, 1, 0), noisy.megabits(0, 1, 1));
  EXPECT_DOUBLE_EQ(noisy.megabits(0, 2, 3) / noisy.megabits(0, 1, 3), 2) << "the frame's, whatever is chosen";
  double sum = 0;
  for (int frame = 0; frame < 4'000; ++frame) sum += noisy.megabits(0, 1, frame) / 0.6;
  EXPECT_NEAR(sum / 4'000, 1, 0.02);
  const Truth again(cameras, std::nullopt, {.size_spread = 0.3}, 1),
      other(cameras, std::nullopt, {.size_spread = 0.3}, 2);
  EXPECT_EQ(again.megabits(0, 1, 0), noisy.megabits(0, 1, 0));
  EXPECT_NE(other.megabits(0, 1, 0), noisy.megabits(0, 1, 0));
}

TEST(Truth, AFrameOfALowRateIsWorthWhatItsModelIs) {
  Service camera = test_camera(1);
  add_frame_rates(camera, std::vector<double>{5}, HUGE_VAL);  // of 10: 3 is "s" at 5, 4 is "l" at 5
  ASSERT_EQ(camera.options.size(), 5u);
  const Truth full({camera}, std::nullopt, {}, 1);
  EXPECT_DOUBLE_EQ(full.utility(0, 3, {}), 0.4);
  Service only_low = camera;
  only_low.options.erase(only_low.options.begin() + 1, only_low.options.begin() + 3);
  const Truth derived({only_low}, std::nullopt, {}, 1);
  EXPECT_DOUBLE_EQ(derived.utility(0, 1, {}), 0.4) << "twice 0.3, the mean, less the vehicle's 0.2";
}

TEST(Truth, RefusesATimelineOfOtherServices) {
  EXPECT_THROW(Truth({test_camera(1), test_camera(2)}, test_scenario("a").frames, {}, 1),
               std::invalid_argument);
  EXPECT_THROW(Truth({test_camera(1)}, UtilityTimeline{}, {}, 1), std::invalid_argument);
}

}  // namespace
}  // namespace turbo::experiments
