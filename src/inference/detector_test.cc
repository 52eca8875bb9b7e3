#include "inference/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "inference/image.h"

namespace turbo {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string model(const std::string& name) { return std::string(TURBO_TESTDATA) + "/" + name + ".onnx"; }

std::string refusal(const std::string& path, const DetectorOptions& options = {}) {
  try {
    Detector detector(path, options);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "taken";
}

// All pixels alike.
std::vector<std::uint8_t> plain(int height, int width, std::uint8_t blue, std::uint8_t green,
                                std::uint8_t red) {
  std::vector<std::uint8_t> bytes;
  for (int pixel = 0; pixel < height * width; ++pixel) bytes.insert(bytes.end(), {blue, green, red});
  return bytes;
}

TEST(Detector, KnowsItsSizes) {
  const Detector detector(model("good"), {});
  EXPECT_EQ(detector.height(), 32);
  EXPECT_EQ(detector.width(), 64);
  EXPECT_EQ(detector.max_detections(), 8);
}

TEST(Detector, GivesVerifiedRowsInPixelsOfTheFrame) {
  Detector detector(model("good"), {});
  const auto bytes = plain(64, 192, 51, 102, 255);  // twice as high, three times as wide as the input
  const auto outcome = detector.detect(packed_view(bytes.data(), 64, 192));
  ASSERT_EQ(outcome.error, "");
  ASSERT_EQ(outcome.detections.size(), 3u);
  EXPECT_EQ(outcome.dropped, 5);
  const auto& red = outcome.detections[0];
  EXPECT_EQ(red.label, 0);
  EXPECT_NEAR(red.score, 1.0, 1e-4);
  EXPECT_FLOAT_EQ(red.box.x_min, 12);
  EXPECT_FLOAT_EQ(red.box.y_max, 20);
  EXPECT_EQ(outcome.detections[1].label, 1);
  EXPECT_NEAR(outcome.detections[1].score, 0.4, 1e-4);
  const auto& clamped = outcome.detections[2];
  EXPECT_NEAR(clamped.score, 0.2, 1e-4);
  EXPECT_FLOAT_EQ(clamped.box.x_min, 0);
  EXPECT_FLOAT_EQ(clamped.box.x_max, 192);
  EXPECT_FLOAT_EQ(clamped.box.y_max, 64);
}

TEST(Detector, LeavesOutWhatIsTooWeak) {
  Detector detector(model("good"), {.min_score = 0.3f});
  const auto bytes = plain(32, 64, 51, 102, 255);
  EXPECT_EQ(detector.detect(packed_view(bytes.data(), 32, 64)).detections.size(), 2u);
}

TEST(Detector, TakesOnlyTheLabelsItWasTold) {
  Detector detector(model("good"), {.classes = 1});
  const auto bytes = plain(32, 64, 51, 102, 255);
  const auto outcome = detector.detect(packed_view(bytes.data(), 32, 64));
  ASSERT_EQ(outcome.detections.size(), 1u);
  EXPECT_EQ(outcome.dropped, 7);
}

TEST(Detector, TwoOfThemAndAMovedOneWork) {
  Detector first(model("good"), {});
  Detector second(model("good"), {.threads = 2});
  Detector moved(std::move(first));
  const auto bytes = plain(32, 64, 0, 0, 255);
  EXPECT_EQ(moved.detect(packed_view(bytes.data(), 32, 64)).detections.size(), 1u);
  EXPECT_EQ(second.detect(packed_view(bytes.data(), 32, 64)).detections.size(), 1u);
}

TEST(Detector, RefusesWhatBreaksTheContractInOneLine) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"input_name", "`picture` stands where `image` should"},
      {"input_type", "`image` does not hold 32-bit floats"},
      {"input_free_size", "`image` has the shape [1,3,?,?]"},
      {"input_channels", "`image` has the shape [1,4,32,64]"},
      {"input_batch", "`image` has the shape [?,3,32,64]"},
      {"input_rank", "`image` has the shape [1,3,32,64,1]"},
      {"output_name", "`boxes` stands where `detections` should"},
      {"output_rank", "`detections` has the shape [8,6]"},
      {"output_columns", "`detections` has the shape [1,6,8]"},
      {"two_outputs", "1 inputs and 2 outputs"},
      {"truncated", "not loaded on cpu"},
      {"garbage", "not loaded on cpu"},
      {"empty", "not loaded on cpu"},
      {"missing", "no such file"},
  };
  for (const auto& [name, why] : cases)
    EXPECT_THAT(refusal(model(name)),
                AllOf(HasSubstr("/" + name + ".onnx: "), HasSubstr(why), Not(HasSubstr("\n"))))
        << name;
  EXPECT_THAT(refusal(TURBO_TESTDATA), HasSubstr("no such file"));
}

TEST(Detector, RefusesAnotherSizeThanConfigured) {
  EXPECT_THAT(refusal(model("good"), {.height = 64, .width = 64}),
              HasSubstr("its input is 32 x 64, the configuration says 64 x 64"));
  EXPECT_EQ(refusal(model("good"), {.height = 32, .width = 64}), "taken");
}

TEST(Detector, RefusesDevicesThatAreNotThere) {
  for (const std::string device : {"gpu", "cuda", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "", "CPU"})
    EXPECT_EQ(refusal(model("good"), {.device = device}),
              "device " + device + ": not a device; write cpu or cuda:N");
  const auto answer = refusal(model("good"), {.device = "cuda:99"});
  EXPECT_THAT(answer, AllOf(HasSubstr("device cuda:99: "), HasSubstr("device: cpu"), Not(HasSubstr("\n"))));
}

}  // namespace
}  // namespace turbo
