#include "core/detection/region_merge.h"

#include <gtest/gtest.h>

#include "core/image/region.h"

namespace turbo {
namespace {

Detection box(float x, float y, float side, int label = 0, float score = 0.5f) {
  return {{x - side / 2, y - side / 2, x + side / 2, y + side / 2}, score, label};
}

TEST(RegionMerge, EachSideAnswersForItsOwnPart) {
  const Box region{0, 25, 100, 75};
  const Detections cloud{box(10, 50, 6), box(10, 10, 6), box(50, 74, 6)};
  const Detections vehicle{box(30, 50, 6), box(30, 10, 6), box(30, 75, 6)};
  EXPECT_EQ(merge_by_region(cloud, vehicle, region),
            (Detections{cloud[0], cloud[2], vehicle[1], vehicle[2]}));
  EXPECT_EQ(merge_by_region({}, vehicle, region), (Detections{vehicle[1], vehicle[2]}));
}

TEST(RegionMerge, AnObjectAtTheBorderStandsOnce) {
  const Box region{0, 0, 100, 50};
  const Detections cloud{box(20, 49, 20)};
  EXPECT_EQ(merge_by_region(cloud, Detections{box(20, 51, 20)}, region), cloud);
  EXPECT_EQ(merge_by_region(cloud, Detections{box(20, 51, 20, 1)}, region).size(), 2u);  // another kind
  EXPECT_EQ(merge_by_region(cloud, Detections{box(20, 60, 20)}, region).size(), 2u);     // another place
}

TEST(Region, IsWholePixelsInsideThePicture) {
  EXPECT_EQ(pixels_of({100, 50, 0, 25}, {576, 1024}), (PixelRect{0, 144, 1024, 288}));
  EXPECT_EQ(pixels_of({33, 33, 33, 33}, {10, 10}), (PixelRect{3, 3, 4, 4}));
  EXPECT_EQ(pixels_of({1, 1, 99, 99}, {1, 1}), (PixelRect{0, 0, 1, 1}));
  for (int size = 1; size < 300; ++size)
    for (int left = 0; left < 100; ++left)
      for (const int width : {1, 100 - left}) {
        const PixelRect rect = pixels_of({width, 100, left, 0}, {7, size});
        ASSERT_GE(rect.width, 1);
        ASSERT_LE(rect.left + rect.width, size);
        ASSERT_EQ(rect.height, 7);
      }
}

}  // namespace
}  // namespace turbo
