#include "scene/scene.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace turbo {
namespace {

std::vector<std::uint8_t> frame_of(Scene& scene, double time, int camera) {
  std::vector<std::uint8_t> pixels(std::size_t(Scene::kHeight) * Scene::kWidth * 3);
  scene.render(time, camera, packed_view(pixels.data(), Scene::kHeight, Scene::kWidth));
  return pixels;
}

class SceneTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { scene_ = new Scene(3); }
  static void TearDownTestSuite() { delete scene_; }
  static Scene* scene_;
};
Scene* SceneTest::scene_ = nullptr;

TEST_F(SceneTest, IsAFunctionOfSeedTimeAndCamera) {
  const auto first = frame_of(*scene_, 12.4, 1);
  frame_of(*scene_, 99, 4);
  EXPECT_TRUE(first == frame_of(*scene_, 12.4, 1));
  EXPECT_FALSE(first == frame_of(*scene_, 12.6, 1));
  EXPECT_FALSE(first == frame_of(*scene_, 12.4, 2));
  Scene same(3), other(4);
  EXPECT_TRUE(first == frame_of(same, 12.4, 1));
  EXPECT_FALSE(first == frame_of(other, 12.4, 1));
}

TEST_F(SceneTest, TruthLiesInTheFrameAndHasEveryClassFromFarToNear) {
  std::array<int, kObjectClasses> counts{};
  float lowest = 1e9f, highest = 0;
  for (int i = 0; i < 60; ++i)
    for (int camera = 1; camera <= Scene::kCameras; ++camera)
      for (const TruthBox& t : scene_->truth(i * 3.1, camera)) {
        ASSERT_GE(t.box.x_min, 0);
        ASSERT_GE(t.box.y_min, 0);
        ASSERT_LE(t.box.x_max, Scene::kWidth);
        ASSERT_LE(t.box.y_max, Scene::kHeight);
        ASSERT_LT(t.box.x_min, t.box.x_max);
        const float height = t.box.y_max - t.box.y_min;
        ASSERT_GE(height, 10);
        ASSERT_TRUE(t.label >= 0 && t.label < kObjectClasses);
        ++counts[std::size_t(t.label)];
        lowest = std::min(lowest, height);
        highest = std::max(highest, height);
      }
  for (auto label :
       {ObjectClass::kVehicle, ObjectClass::kPedestrian, ObjectClass::kCyclist, ObjectClass::kSign})
    EXPECT_GT(counts[std::size_t(label)], 50);
  EXPECT_EQ(counts[std::size_t(ObjectClass::kUnknown)], 0);
  EXPECT_LT(lowest, 16);
  EXPECT_GT(highest, 400);
}

TEST_F(SceneTest, TruthScalesWithTheFrame) {
  const auto full = scene_->truth(5, 1), small = scene_->truth(5, 1, 540, 480);
  ASSERT_FALSE(full.empty());
  ASSERT_EQ(full.size(), small.size());
  for (std::size_t i = 0; i < full.size(); ++i) {
    EXPECT_FLOAT_EQ(small[i].box.x_min * 4, full[i].box.x_min);
    EXPECT_FLOAT_EQ(small[i].box.y_max * 2, full[i].box.y_max);
  }
}

TEST_F(SceneTest, TheDriveNeverEnds) {
  EXPECT_FALSE(scene_->truth(86400.0 * 30, 1).empty());
  frame_of(*scene_, 86400.0 * 30, 1);
}

TEST_F(SceneTest, RefusesWhatIsNoFrameOrCamera) {
  std::vector<std::uint8_t> pixels(100);
  EXPECT_THROW(scene_->render(0, 1, packed_view(pixels.data(), 5, 5)), std::invalid_argument);
  EXPECT_THROW(scene_->truth(0, 0), std::invalid_argument);
  EXPECT_THROW(scene_->truth(0, 6), std::invalid_argument);
  EXPECT_THROW(scene_->truth(-1, 1), std::invalid_argument);
  EXPECT_THROW(scene_->truth(std::nan(""), 1), std::invalid_argument);
}

// Frames keep the rows' padding as it is.
TEST_F(SceneTest, KeepsToItsRows) {
  constexpr std::size_t kStride = Scene::kWidth * 3 + 64;
  std::vector<std::uint8_t> pixels(kStride * Scene::kHeight, 77);
  for (int camera = 1; camera <= Scene::kCameras; ++camera) {
    scene_->render(8, camera, {pixels.data(), Scene::kHeight, Scene::kWidth, kStride});
    for (int v = 0; v < Scene::kHeight; ++v)
      for (std::size_t i = Scene::kWidth * 3; i < kStride; ++i)
        ASSERT_EQ(pixels[std::size_t(v) * kStride + i], 77);
  }
}

}  // namespace
}  // namespace turbo
