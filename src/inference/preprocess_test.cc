#include "inference/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "inference/test_pictures.h"

namespace turbo {
namespace {

using test::make_picture;

TEST(ToTensor, PlanesAreRedGreenBlueFromZeroToOne) {
  for (const int width : {1, 2, 15, 16, 17, 33, 100}) {
    const auto picture = make_picture(3, width);
    std::vector<float> tensor(std::size_t{9} * static_cast<std::size_t>(width) + 1, -7.0f);
    to_tensor(picture.view(), {tensor.data(), tensor.size() - 1});
    for (std::size_t pixel = 0; pixel < std::size_t{3} * static_cast<std::size_t>(width); ++pixel)
      for (std::size_t plane = 0; plane < 3; ++plane)
        EXPECT_FLOAT_EQ(tensor[plane * 3 * static_cast<std::size_t>(width) + pixel],
                        static_cast<float>(picture.bytes[pixel * 3 + 2 - plane]) / 255.0f);
    EXPECT_EQ(tensor.back(), -7.0f);
  }
}

TEST(ToTensor, FollowsTheStride) {
  const std::vector<std::uint8_t> bytes{0, 51, 255, 9, 9, 9, 255, 102, 0, 9, 9, 9};
  std::vector<float> tensor(6);
  to_tensor({bytes.data(), 2, 1, 6}, tensor);
  EXPECT_THAT(tensor, testing::Pointwise(testing::FloatEq(), {1.0f, 0.0f, 0.2f, 0.4f, 0.0f, 1.0f}));
}

TEST(Resize, ShrinkingTakesTheMean) {
  const std::vector<std::uint8_t> bytes{0, 0, 0, 100, 100, 100, 200, 200, 200, 100, 100, 100};
  std::vector<std::uint8_t> out(3);
  Resizer().resize(packed_view(bytes.data(), 2, 2), packed_view(out.data(), 1, 1));
  EXPECT_EQ(out, (std::vector<std::uint8_t>{100, 100, 100}));
}

TEST(Resize, KeepsThePictureAndStaysInItsBuffer) {
  const auto picture = make_picture(108, 192);
  Resizer resizer;
  for (const auto& [height, width] :
       {std::pair{54, 96}, {45, 90}, {50, 70}, {216, 384}, {45, 300}, {108, 192}, {1, 1}, {3, 500}}) {
    Image image;
    const auto target = image.reshape(height, width);
    resizer.resize(picture.view(), target);
    Image back;
    resizer.resize(target, back.reshape(108, 192));
    if (height > 40) {
      EXPECT_LT(test::mean_difference(picture.view(), std::as_const(back).view()), 6.0);
    }
  }
}

TEST(ScaleBoxes, BothAxes) {
  Detections detections{{{10, 20, 30, 40}, 0.5f, 1}};
  scale_boxes(detections, 100, 100, 200, 50);
  EXPECT_FLOAT_EQ(detections[0].box.x_min, 5);
  EXPECT_FLOAT_EQ(detections[0].box.y_min, 40);
  EXPECT_FLOAT_EQ(detections[0].box.x_max, 15);
  EXPECT_FLOAT_EQ(detections[0].box.y_max, 80);
}

}  // namespace
}  // namespace turbo
