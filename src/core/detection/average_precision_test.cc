#include "core/detection/average_precision.h"

#include <gtest/gtest.h>

#include <limits>

namespace turbo {
namespace {

Detection found(float x0, float y0, float x1, float y1, float score, int label = 0) {
  return {{x0, y0, x1, y1}, score, label};
}
TruthBox truth(float x0, float y0, float x1, float y1, int label = 0) { return {{x0, y0, x1, y1}, label}; }

double mean_of(const std::vector<Detection>& d, const std::vector<TruthBox>& t) {
  AveragePrecision ap;
  ap.add(d, t);
  return ap.result().mean;
}

TEST(Overlap, IsIntersectionOverUnion) {
  EXPECT_DOUBLE_EQ(overlap({0, 0, 10, 10}, {0, 0, 10, 10}), 1);
  EXPECT_DOUBLE_EQ(overlap({0, 0, 10, 10}, {5, 0, 15, 10}), 1.0 / 3);
  EXPECT_DOUBLE_EQ(overlap({0, 0, 10, 10}, {10, 0, 20, 10}), 0);
  EXPECT_DOUBLE_EQ(overlap({3, 3, 3, 3}, {3, 3, 3, 3}), 0);
}

TEST(AveragePrecision, IsOneForTheTruthItself) {
  EXPECT_DOUBLE_EQ(mean_of({found(0, 0, 10, 10, .9f), found(50, 50, 70, 80, .5f, 2)},
                           {truth(0, 0, 10, 10), truth(50, 50, 70, 80, 2)}),
                   1);
}

TEST(AveragePrecision, IsZeroWithoutDetectionsOrTruth) {
  EXPECT_EQ(mean_of({}, {truth(0, 0, 10, 10)}), 0);
  EXPECT_EQ(mean_of({found(0, 0, 10, 10, .9f)}, {}), 0);
  EXPECT_EQ(AveragePrecision().result().mean, 0);
}

TEST(AveragePrecision, AnothersImagesCountAsOnesOwn) {
  AveragePrecision whole, first, second;
  const std::vector<Detection> found_1{found(0, 0, 10, 10, .4f), found(40, 0, 50, 10, .8f)},
      found_2{found(0, 0, 20, 19, .9f), found(3, 3, 9, 9, .3f, 1)};
  const std::vector<TruthBox> truth_1{truth(0, 0, 10, 10)},
      truth_2{truth(0, 0, 20, 20), truth(3, 3, 9, 9, 1), truth(60, 60, 90, 90)};
  whole.add(found_1, truth_1);
  first.add(found_1, truth_1);
  whole.add(found_2, truth_2);
  second.add(found_2, truth_2);
  first.add(second);
  EXPECT_EQ(first.result().mean, whole.result().mean);
  EXPECT_EQ(first.result().of_class, whole.result().of_class);
  EXPECT_EQ(first.result().images, 2);
  EXPECT_NE(first.result().mean, second.result().mean);
}

TEST(AveragePrecision, OnlyAnEmptyAnswerToEmptyFramesIsRightlyEmpty) {
  AveragePrecision none, alarm, missed;
  none.add({}, {});
  EXPECT_TRUE(none.rightly_empty());
  alarm.add(std::vector{found(0, 0, 10, 10, .2f)}, {});
  missed.add({}, std::vector{truth(0, 0, 10, 10)});
  EXPECT_FALSE(alarm.rightly_empty());
  EXPECT_FALSE(missed.rightly_empty());
  none.add(missed);
  EXPECT_FALSE(none.rightly_empty());
}

TEST(AveragePrecision, CountsTheThresholdsThatTheOverlapReaches) {
  // Overlap 0.72: true at 0.50, 0.55, 0.60, 0.65, 0.70; false at the other five.
  EXPECT_NEAR(mean_of({found(0, 0, 72, 100, .9f)}, {truth(0, 0, 100, 100)}), .5, 1e-9);
  // Overlap 0.75 exactly is true at 0.75 too.
  EXPECT_NEAR(mean_of({found(0, 0, 75, 100, .9f)}, {truth(0, 0, 100, 100)}), .6, 1e-9);
}

TEST(AveragePrecision, ReadsPrecisionAt101Recalls) {
  // One of two found: recall reaches 0.5, so 51 of 101 points have precision 1.
  EXPECT_NEAR(mean_of({found(0, 0, 10, 10, .9f)}, {truth(0, 0, 10, 10), truth(30, 30, 40, 40)}), 51 / 101.0,
              1e-9);
  // A false alarm above the only hit halves the precision everywhere.
  EXPECT_NEAR(mean_of({found(60, 60, 70, 70, .9f), found(0, 0, 10, 10, .8f)}, {truth(0, 0, 10, 10)}), .5,
              1e-9);
  // Below it, it costs nothing.
  EXPECT_NEAR(mean_of({found(60, 60, 70, 70, .1f), found(0, 0, 10, 10, .8f)}, {truth(0, 0, 10, 10)}), 1,
              1e-9);
  // Hit, miss, hit of two: precision 1 to recall 0.5 (51 points), then 2/3 (50 points).
  EXPECT_NEAR(mean_of({found(0, 0, 10, 10, .9f), found(60, 60, 70, 70, .8f), found(30, 30, 40, 40, .7f)},
                      {truth(0, 0, 10, 10), truth(30, 30, 40, 40)}),
              (51 + 50 * 2 / 3.0) / 101, 1e-9);
}

TEST(AveragePrecision, ATruthIsFoundOnce) {
  // The second finding of the same thing is a false alarm; ranked before another's first it costs precision.
  EXPECT_NEAR(mean_of({found(0, 0, 10, 10, .9f), found(0, 0, 10, 10, .8f), found(30, 30, 40, 40, .7f)},
                      {truth(0, 0, 10, 10), truth(30, 30, 40, 40)}),
              (51 + 50 * 2 / 3.0) / 101, 1e-9);
}

TEST(AveragePrecision, TheBetterScoreChoosesFirst) {
  // Both overlap both; the first takes its best, the second what is left.
  EXPECT_NEAR(mean_of({found(0, 0, 100, 100, .9f), found(0, 0, 100, 96, .8f)},
                      {truth(0, 0, 100, 100), truth(0, 0, 100, 96)}),
              1, 1e-9);
}

TEST(AveragePrecision, RanksOverAllImagesAndAveragesOverClassesInTheTruth) {
  AveragePrecision ap;
  ap.add(std::vector{found(0, 0, 10, 10, .6f, 1)}, std::vector{truth(0, 0, 10, 10, 1), truth(5, 5, 9, 9, 3)});
  ap.add(std::vector{found(0, 0, 10, 10, .7f, 1), found(0, 0, 4, 4, .9f, 2)}, {});
  const auto result = ap.result();
  EXPECT_EQ(result.images, 2);
  EXPECT_NEAR(result.of_class[1].value(), .5, 1e-9);
  EXPECT_EQ(result.of_class[3], 0.0);
  EXPECT_FALSE(result.of_class[0].has_value());
  EXPECT_FALSE(result.of_class[2].has_value());
  EXPECT_NEAR(result.mean, .25, 1e-9);
}

TEST(AveragePrecision, TakesAHundredDetectionsOfAClassAnImage) {
  std::vector<Detection> many(100, found(500, 500, 510, 510, .9f));
  many.push_back(found(0, 0, 10, 10, .1f));
  EXPECT_EQ(mean_of(many, {truth(0, 0, 10, 10)}), 0);
  many.erase(many.begin());
  EXPECT_NEAR(mean_of(many, {truth(0, 0, 10, 10)}), .01, 1e-9);
}

TEST(AveragePrecision, LeavesOutWhatIsNoDetection) {
  EXPECT_NEAR(mean_of({found(0, 0, 10, 10, .9f), found(0, 0, 10, 10, .9f, 7), found(0, 0, 10, 10, .9f, -1),
                       found(20, 0, 30, 10, std::numeric_limits<float>::quiet_NaN())},
                      {truth(0, 0, 10, 10), truth(0, 0, 9, 9, 12)}),
              1, 1e-9);
}

}  // namespace
}  // namespace turbo
