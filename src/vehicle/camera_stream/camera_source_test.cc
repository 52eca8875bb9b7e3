#include "vehicle/camera_stream/camera_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>

#include "scene/scene.h"
#include "tests/temporary_folder.h"

namespace turbo {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class CameraSourceTest : public testing::Test {
 protected:
  // Brightness in the middle of the frame for that moment; -1 with the error kept when there is none.
  int brightness(CameraSource& source, Time due, ImageSize size = {48, 64}) {
    pixels_.assign(static_cast<std::size_t>(size.height * size.width * 3), 0);
    const auto frame = source.grab(due, packed_view(pixels_.data(), size.height, size.width));
    error_ = frame.error;
    return frame.error.empty()
               ? pixels_[static_cast<std::size_t>((size.height / 2 * size.width + size.width / 2) * 3)]
               : -1;
  }

  test::TemporaryFolder folder_;
  std::string error_;
  std::vector<std::uint8_t> pixels_;
};

TEST_F(CameraSourceTest, AnImageIsStretchedToTheFrame) {
  const auto path = folder_ / "a.png";
  cv::imwrite(path, cv::Mat(30, 50, CV_8UC1, cv::Scalar(120)));
  const auto source = make_image_source(path);
  EXPECT_EQ(source->name(), path);
  EXPECT_EQ(source->truth(), nullptr);
  EXPECT_EQ(brightness(*source, Time(1s)), 120);
  EXPECT_EQ(brightness(*source, Time(2s), {30, 50}), 120);
  EXPECT_EQ(brightness(*source, Time(2s), {200, 300}), 120);
}

TEST_F(CameraSourceTest, AnImageThatIsNotThereYetIsAnErrorUntilItIs) {
  const auto path = folder_ / "a.png";
  const auto source = make_image_source(path);
  EXPECT_EQ(brightness(*source, Time(1s)), -1);
  EXPECT_THAT(error_, HasSubstr("a.png: no image"));
  std::ofstream(path) << "\x89PNG\r\n\x1a\nnot really";
  EXPECT_EQ(brightness(*source, Time(1s)), -1);
  cv::imwrite(path, cv::Mat(48, 64, CV_8UC3, cv::Scalar(7, 7, 7)));
  EXPECT_EQ(brightness(*source, Time(2s)), 7);
}

TEST_F(CameraSourceTest, AVideoPlaysAtItsSpeedAndLoops) {
  const auto path = folder_ / "a.avi";
  {
    cv::VideoWriter writer(path, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10, {64, 48});
    ASSERT_TRUE(writer.isOpened());
    for (int i = 0; i < 10; ++i) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(20 * i + 20)));
  }
  const auto source = make_video_source(path);
  EXPECT_FALSE(source->is_live());
  EXPECT_NEAR(brightness(*source, Time(100s)), 20, 4);
  EXPECT_NEAR(brightness(*source, Time(100s + 100ms)), 40, 4);
  EXPECT_NEAR(brightness(*source, Time(100s + 500ms)), 120, 4);
  EXPECT_NEAR(brightness(*source, Time(100s + 510ms)), 120, 4);  // before its time the next one does not come
  EXPECT_NEAR(brightness(*source, Time(100s + 900ms), {30, 30}), 200, 4);
  EXPECT_NEAR(brightness(*source, Time(101s)), 20, 4);
  EXPECT_NEAR(brightness(*source, Time(101s + 200ms)), 60, 4);
}

TEST_F(CameraSourceTest, WhatIsNotThereIsOneLineAndMayBeAskedAgain) {
  std::ofstream(folder_ / "noise.avi") << std::string(5000, 'x');
  std::vector<std::unique_ptr<CameraSource>> sources;
  sources.push_back(make_video_source(folder_ / "none.avi"));
  sources.push_back(make_video_source(folder_ / "noise.avi"));
  sources.push_back(make_video_source("rtsp://127.0.0.1:1/nothing"));
  sources.push_back(make_device_source(250, {1080, 1920}, 5));
  for (const auto& source : sources)
    for (int round = 0; round < 2; ++round) {
      EXPECT_EQ(brightness(*source, Time(1s)), -1);
      EXPECT_EQ(error_, source->name() + ": it cannot be opened");
    }
}

TEST_F(CameraSourceTest, ASceneIsOneWorldAndKnowsItsTruth) {
  const auto source = make_scene_source(3, 1);
  std::vector<std::uint8_t> small(270 * 480 * 3), again(small.size());
  ASSERT_EQ(source->grab(Time(3610s), packed_view(small.data(), 270, 480)).error, "");
  ASSERT_NE(source->truth(), nullptr);
  Scene scene(3);
  const auto truth = scene.truth(10, 1, 270, 480);  // an hour later the same drive again
  ASSERT_EQ(source->truth()->size(), truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i)
    EXPECT_EQ(source->truth()->at(i).box.x_min, truth[i].box.x_min);
  ASSERT_EQ(source->grab(Time(10s), packed_view(again.data(), 270, 480)).error, "");
  EXPECT_EQ(small, again);
}

TEST_F(CameraSourceTest, TheConfigurationChooses) {
  CameraStreamConfig config;
  EXPECT_EQ(make_camera_source(config)->name(), "scene");
  config.source = "v4l2";
  config.usb_id = 4;
  EXPECT_EQ(make_camera_source(config)->name(), "/dev/video4");
  EXPECT_TRUE(make_camera_source(config)->is_live());
  config.source = "video";
  config.video_path = "rtsp://host/a";
  EXPECT_TRUE(make_camera_source(config)->is_live());
  config.source = "image";
  config.mock_camera_image_path = "x.png";
  EXPECT_EQ(make_camera_source(config)->name(), "x.png");
}

}  // namespace
}  // namespace turbo
