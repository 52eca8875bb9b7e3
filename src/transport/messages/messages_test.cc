#include "transport/messages/messages.h"

#include <cmath>
#include <random>

namespace turbo {
namespace {

ModelServerRequest a_request() {
  return {.context_id = 1'700'000'000'000'123,
          .service_id = 3,
          .model_config = "td2-imgcompNone-inpcomp75",
          .form = ImageForm::kJpeg,
          .height = 576,
          .width = 1024,
          .frame_height = 1080,
          .frame_width = 1920,
          .payload_bytes = 54321,
          .deadline_monotonic_ns = 1'234'567'890'123};
}

ModelServerResponse a_response() {
  ModelServerResponse response{.context_id = 5, .service_id = 2, .model_config = "td2-imgcompNone-inpcomp75"};
  response.detections = {{{1, 2, 30, 40}, 0.5f, 1}, {{0, 0, 1920, 1080}, 1.0f, 4}};
  response.inference_s = 0.02;
  return response;
}

TEST(Messages, RequestsAndResponsesRoundTrip) {
  std::string error;
  const auto request = decode_server_request(encode(a_request()), error);
  ASSERT_TRUE(request) << error;
  EXPECT_EQ(request->context_id, a_request().context_id);
  EXPECT_EQ(request->model_config, a_request().model_config);
  EXPECT_EQ(request->payload_bytes, 54321u);
  EXPECT_EQ(request->deadline_monotonic_ns, 1'234'567'890'123);
  const auto response = decode_server_response(encode(a_response()), error);
  ASSERT_TRUE(response) << error;
  ASSERT_EQ(response->detections.size(), 2u);
  EXPECT_EQ(response->detections[0].label, 1);
  EXPECT_FLOAT_EQ(response->detections[0].box.y_max, 40);
  const CameraDataResponse frame{.context_id = 9,
                                 .camera_id = 1,
                                 .slot = 2,
                                 .offset_bytes = 4096,
                                 .size_bytes = 12,
                                 .height = 2,
                                 .width = 2,
                                 .image_path = "scene"};
  ASSERT_TRUE(decode_camera_response(encode(frame), error)) << error;
  ASSERT_TRUE(decode_camera_request(encode(CameraDataRequest{.reader_pid = 7, .wait_ms = 500}), error))
      << error;
}

TEST(Messages, ARequestsSizeDoesNotDependOnItsPayload) {
  ModelServerRequest empty = a_request();
  empty.payload_bytes = 0;
  empty.context_id = 0;
  empty.deadline_monotonic_ns = 0;
  EXPECT_EQ(encode(empty).size(), encode(a_request()).size());
}

TEST(Messages, AMessageIsRenamedAndElseUnchanged) {
  std::string error;
  auto bytes = encode(a_request());
  ASSERT_TRUE(rename_request(bytes, 42));
  auto expected = a_request();
  expected.context_id = 42;
  EXPECT_EQ(decode_server_request(bytes, error), expected);
  EXPECT_EQ(bytes, encode(expected));
  auto answer = encode(a_response());
  ASSERT_TRUE(rename_response(answer, 43));
  auto renamed = a_response();
  renamed.context_id = 43;
  EXPECT_EQ(decode_server_response(answer, error), renamed);
  auto nameless = a_response();
  nameless.context_id = 0;  // the encoder leaves it out
  auto no_room = encode(nameless);
  EXPECT_FALSE(rename_response(no_room, 43));
}

// A sender may let its fields overlap: then the new id must not change another of them unseen.
TEST(Messages, ARenamedMessageIsTheSameMessageOrNone) {
  std::mt19937 random(11);
  std::string error;
  const auto original = encode(a_request());
  int renamed = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = original;
    for (unsigned n = 1 + random() % 3; n > 0;
         --n) {  // most often in the vtable, which says where the fields are
      auto& byte = bytes[8 + random() % 40];
      byte = static_cast<std::uint8_t>(random() % 2 ? random() % 64 : random());
    }
    auto expected = decode_server_request(bytes, error);
    if (!rename_request(bytes, 0x0102030405060708)) {
      refused += expected.has_value();
      continue;
    }
    ++renamed;
    ASSERT_TRUE(expected);
    expected->context_id = 0x0102030405060708;
    ASSERT_EQ(decode_server_request(bytes, error), expected);
  }
  EXPECT_GT(renamed, 100);
  EXPECT_GT(refused, 10);
}

TEST(Messages, ADeadlineIsBelievedWithinAMinuteOfNow) {
  const Time now = Time{} + std::chrono::hours(1);
  const auto believed = [now](Duration from_now) {
    return answer_deadline({.deadline_monotonic_ns = (now + from_now).time_since_epoch().count()}, now);
  };
  EXPECT_EQ(believed(std::chrono::milliseconds(200)), now + std::chrono::milliseconds(200));
  EXPECT_EQ(believed(std::chrono::seconds(-1)), now - std::chrono::seconds(1)) << "it has passed";
  EXPECT_FALSE(believed(std::chrono::seconds(61)));
  EXPECT_FALSE(believed(std::chrono::seconds(-61)));
  for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX})
    EXPECT_FALSE(answer_deadline({.deadline_monotonic_ns = ns}, now)) << ns;
}

TEST(Messages, ImpossibleValuesAreRefused) {
  std::string error;
  auto bad_box = a_response();
  bad_box.detections[0].box.x_min = 100;
  EXPECT_FALSE(decode_server_response(encode(bad_box), error));
  auto nan = a_response();
  nan.detections[0].score = std::nanf("");
  EXPECT_FALSE(decode_server_response(encode(nan), error));
  auto label = a_response();
  label.detections[0].label = 5;
  EXPECT_FALSE(decode_server_response(encode(label), error));
  auto many = a_response();
  many.detections.assign(kMaxDetections + 1, many.detections[0]);
  EXPECT_FALSE(decode_server_response(encode(many), error));
  auto timing = a_response();
  timing.overall_s = -1;
  EXPECT_FALSE(decode_server_response(encode(timing), error));
  auto flat = a_request();
  flat.height = 0;
  EXPECT_FALSE(decode_server_request(encode(flat), error));
  auto raw = a_request();
  raw.form = ImageForm::kRawBgr;
  EXPECT_FALSE(decode_server_request(encode(raw), error));
  EXPECT_FALSE(decode_camera_request(encode(CameraDataRequest{.reader_pid = 0}), error));
  EXPECT_FALSE(decode_camera_request(encode(CameraDataRequest{.reader_pid = 1, .wait_ms = 1001}), error));
  EXPECT_FALSE(
      decode_camera_response(encode(CameraDataResponse{.size_bytes = 11, .height = 2, .width = 2}), error));
}

TEST(Messages, BrokenBytesAreRefusedNotRead) {
  std::mt19937 random(7);
  const std::vector<std::vector<std::uint8_t>> originals{encode(a_request()), encode(a_response()),
                                                         encode(CameraDataRequest{.reader_pid = 7}),
                                                         encode(CameraDataResponse{.image_path = "x"})};
  std::string error;
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = originals[random() % originals.size()];
    if (random() % 2) bytes.resize(random() % (bytes.size() + 1));
    for (unsigned n = random() % 8; n > 0 && !bytes.empty(); --n)
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    // Whatever comes out must be safe to use; that nothing is read out of bounds is AddressSanitizer's to
    // say.
    if (const auto r = decode_server_response(bytes, error)) {
      EXPECT_LE(r->detections.size(), kMaxDetections);
    }
    if (const auto r = decode_server_request(bytes, error)) {
      EXPECT_LE(r->height, kMaxImageSide);
    }
    decode_camera_request(bytes, error);
    decode_camera_response(bytes, error);
  }
  EXPECT_FALSE(decode_server_request({}, error));
}

}  // namespace
}  // namespace turbo
