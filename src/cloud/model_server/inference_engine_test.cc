#include "cloud/model_server/inference_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turbo {
namespace {

using testing::HasSubstr;

// good.onnx: 32 x 64; scores are the means of red, green and blue; see make_models.py beside it.
std::vector<ServerModel> models() {
  return {{.checkpoint_path = TURBO_TESTDATA "/good.onnx",
           .num_classes = 5,
           .image_size = {32, 64},
           .base_model = "td2"},
          {.checkpoint_path = TURBO_TESTDATA "/good.onnx",
           .num_classes = 1,
           .image_size = {32, 64},
           .base_model = "one"}};
}

std::vector<std::uint8_t> red(int height, int width) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < height * width; ++i) pixels.insert(pixels.end(), {0, 0, 255});
  return pixels;
}

struct Sent {
  ModelServerRequest request;
  std::vector<std::uint8_t> payload;
};

Sent make_request(const std::string& config, ImageForm form, int height, int width) {
  Sent sent{{.context_id = 7, .service_id = 1, .model_config = config, .form = form}, {}};
  sent.request.height = static_cast<std::uint32_t>(height);
  sent.request.width = static_cast<std::uint32_t>(width);
  sent.request.frame_height = 1080;
  sent.request.frame_width = 1920;
  ImageCodec codec;
  const auto pixels = red(height, width);
  sent.payload.resize(ImageCodec::max_encoded_bytes(form, height, width));
  sent.payload.resize(
      codec.encode(packed_view(pixels.data(), height, width), form, 90, sent.payload).size_bytes);
  return sent;
}

ModelServerResponse ask(InferenceEngine& engine, const Sent& sent) {
  return engine.answer(sent.request, sent.payload);
}

TEST(InferenceEngine, AnswersEveryFormInPixelsOfTheFrame) {
  InferenceEngine engine(models(), "cpu");
  const std::vector<Sent> all{make_request("td2-imgcomp50-inpcompNone", ImageForm::kJpeg, 1080, 1920),
                              make_request("td2-imgcompPNG-inpcompNone", ImageForm::kPng, 108, 192),
                              make_request("td2-imgcompNone-inpcompNone", ImageForm::kRawBgr, 108, 192),
                              make_request("td2-imgcompNone-inpcompNone", ImageForm::kRawBgr, 32, 64),
                              make_request("td2-imgcompNone-inpcomp95", ImageForm::kJpeg, 32, 64),
                              make_request("td2-imgcompNone-inpcompPNG", ImageForm::kPng, 32, 64)};
  for (const auto& sent : all) {
    const auto response = ask(engine, sent);
    ASSERT_EQ(response.error, "") << sent.request.model_config;
    EXPECT_EQ(response.status, Status::kOk);
    ASSERT_EQ(response.detections.size(), 1u);
    const auto& row = response.detections[0];
    EXPECT_NEAR(row.score, 1.0, 0.02);
    EXPECT_EQ(row.label, 0);
    EXPECT_NEAR(row.box.x_min, 4.0 * 1920 / 64, 1e-3);
    EXPECT_NEAR(row.box.y_min, 2.0 * 1080 / 32, 1e-3);
    EXPECT_NEAR(row.box.x_max, 20.0 * 1920 / 64, 1e-3);
    EXPECT_NEAR(row.box.y_max, 10.0 * 1080 / 32, 1e-3);
    EXPECT_GT(response.inference_s, 0);
    EXPECT_GT(response.preprocessing_s, 0);
    std::string error;
    EXPECT_TRUE(decode_server_response(encode(response), error)) << error;
  }
}

// The model's scores are the means of the input: a quarter of it is red, the rest is the canvas's grey.
TEST(InferenceEngine, ARegionStandsAtItsPlaceOnGrey) {
  InferenceEngine engine(models(), "cpu");
  for (const auto& sent :
       {make_request("td2-imgcompNone-inpcompPNG-roi50x50+25+25", ImageForm::kPng, 16, 32),
        make_request("td2-imgcomp90-inpcompNone-roi50x50+0+0", ImageForm::kJpeg, 540, 960),
        make_request("td2-imgcompNone-inpcompNone-fps2-roi50x50+50+50", ImageForm::kRawBgr, 16, 32)}) {
    const auto response = ask(engine, sent);
    ASSERT_EQ(response.error, "") << sent.request.model_config;
    ASSERT_FALSE(response.detections.empty());
    EXPECT_NEAR(response.detections[0].score, 0.25 + 0.75 * 114 / 255, 0.02) << sent.request.model_config;
    EXPECT_NEAR(response.detections[0].box.x_max, 20.0 * 1920 / 64, 1e-3);
  }
  // Nothing of the region before is left.
  const auto whole = ask(engine, make_request("td2-imgcompNone-inpcompPNG", ImageForm::kPng, 32, 64));
  EXPECT_NEAR(whole.detections[0].score, 1.0, 0.02);
}

TEST(InferenceEngine, SaysWhyThereIsNoAnswer) {
  InferenceEngine engine(models(), "cpu");
  const auto good = make_request("td2-imgcompNone-inpcomp95", ImageForm::kJpeg, 32, 64);
  const auto why = [&](auto change) {
    Sent sent = good;
    change(sent);
    const auto response = ask(engine, sent);
    EXPECT_EQ(response.status, Status::kFailed);
    EXPECT_TRUE(response.detections.empty());
    return response.error;
  };
  EXPECT_THAT(why([](Sent& s) { s.request.model_config = "td9-imgcompNone-inpcomp95"; }),
              HasSubstr("no model td9 here, only one (32 x 64), td2 (32 x 64) on cpu"));
  EXPECT_NE(why([](Sent& s) { s.request.model_config = "td2"; }), "");
  EXPECT_NE(why([](Sent& s) { s.request.model_config = ""; }), "");
  EXPECT_NE(why([](Sent& s) { s.payload.clear(); }), "");
  EXPECT_NE(why([](Sent& s) { s.payload.resize(s.payload.size() / 2); }), "");
  EXPECT_THAT(why([](Sent& s) { s.request.height = 33; }), HasSubstr("announced as 33 x 64"));
  EXPECT_NE(why([](Sent& s) { s.request.form = ImageForm::kPng; }), "");
  EXPECT_NE(why([](Sent& s) { s.request.form = ImageForm::kRawBgr; }), "");
  EXPECT_THAT(why([](Sent& s) { s.request.height = s.request.width = 16384; }), HasSubstr("limit"));
  // An image of the whole, sent as one of a part.
  EXPECT_THAT(
      why([](Sent& s) { s.request.model_config += "-roi50x50+0+0"; }),
      HasSubstr("540 x 960 pixels of the frame, 16 x 32 of the model's input; the image has 32 x 64"));
  EXPECT_EQ(ask(engine, good).status, Status::kOk);
}

TEST(InferenceEngine, DoesNotStartWithoutItsModels) {
  auto missing = models();
  missing[1].checkpoint_path = "nowhere.onnx";
  EXPECT_THROW(InferenceEngine(missing, "cpu"), std::runtime_error);
  auto other_size = models();
  other_size[0].image_size = {64, 64};
  EXPECT_THROW(InferenceEngine(other_size, "cpu"), std::runtime_error);
}

}  // namespace
}  // namespace turbo
