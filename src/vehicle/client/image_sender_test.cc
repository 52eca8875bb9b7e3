#include "vehicle/client/image_sender.h"

#include <unistd.h>

#include <cstring>

#include "transport/messages/messages.h"
#include "transport/shm/message_region.h"

namespace turbo {
namespace {

class ImageSenderTest : public testing::Test {
 protected:
  ImageSenderTest() {
    for (std::size_t i = 0; i < pixels_.size(); ++i) pixels_[i] = static_cast<std::uint8_t>(i / 97);
  }
  static std::string name() { return "turbo-image-sender-test-" + std::to_string(::getpid()); }
  ImageView frame() const { return packed_view(pixels_.data(), 108, 192); }
  // Sends the frame, reads it back as a peer would.
  ModelServerRequest send(ImageSender& sender, const std::string& config,
                          std::vector<std::uint8_t>& message) {
    const auto written =
        sender.write(5, Time{} + std::chrono::nanoseconds(77), *parse_model_config(config), frame());
    EXPECT_EQ(written.error, "");
    AttachedRegion region(name());
    EXPECT_TRUE(region.refresh());
    std::string error;
    EXPECT_TRUE(copy_message(region.file(), written.size_bytes, message, error)) << error;
    const auto request = decode_server_request(split_message(message).header, error);
    EXPECT_TRUE(request) << error;
    EXPECT_EQ(request->payload_bytes, split_message(message).payload.size());
    return *request;
  }
  std::vector<std::uint8_t> pixels_ = std::vector<std::uint8_t>(108 * 192 * 3);
};

TEST_F(ImageSenderTest, EveryFormArrivesAsItWasSent) {
  ImageSender sender(name(), 4'000'000, 2, {{"td2", {64, 96}}});
  ImageCodec codec;
  std::vector<std::uint8_t> message;
  for (const char* x : {"None", "50", "75", "90", "95", "PNG"})
    for (const bool whole : {true, false}) {
      const std::string config = whole ? std::string("td2-imgcomp") + x + "-inpcompNone"
                                       : std::string("td2-imgcompNone-inpcomp") + x;
      const ModelServerRequest request = send(sender, config, message);
      EXPECT_EQ(request.model_config, config);
      EXPECT_EQ(request.service_id, 2);
      EXPECT_EQ(request.deadline_monotonic_ns, 77);
      EXPECT_EQ(request.frame_width, 192u);
      const bool whole_frame = whole && std::string(x) != "None";  // None and None: the resized input
      EXPECT_EQ(request.height, whole_frame ? 108u : 64u) << config;
      const Decoded decoded =
          codec.decode(split_message(message).payload, request.form,
                       {static_cast<int>(request.height), static_cast<int>(request.width)});
      EXPECT_EQ(decoded.error, "") << config;
    }
}

TEST_F(ImageSenderTest, OfARegionOnlyItsPixelsTravel) {
  ImageSender sender(name(), 4'000'000, 2, {{"td2", {64, 96}}});
  ImageCodec codec;
  std::vector<std::uint8_t> message, whole_message;
  for (const char* parts : {"imgcompPNG-inpcompNone", "imgcompNone-inpcompPNG", "imgcompNone-inpcompNone"}) {
    const std::string config = std::string("td2-") + parts;
    const bool of_camera = config.starts_with("td2-imgcompPNG");
    const ModelServerRequest whole = send(sender, config, whole_message);
    const ModelServerRequest part = send(sender, config + "-roi50x25+25+50", message);
    EXPECT_EQ(part.frame_width, 192u);
    EXPECT_EQ(part.width, of_camera ? 96u : 48u);
    EXPECT_EQ(part.height, of_camera ? 27u : 16u);
    const auto size = [](const ModelServerRequest& r) {
      return ImageSize{static_cast<int>(r.height), static_cast<int>(r.width)};
    };
    const Decoded cut = codec.decode(split_message(message).payload, part.form, size(part));
    ASSERT_EQ(cut.error, "") << config;
    ImageCodec other;
    const Decoded all = other.decode(split_message(whole_message).payload, whole.form, size(whole));
    const ImageView expected = crop(all.image, pixels_of({50, 25, 25, 50}, size(whole)));
    for (int y = 0; y < cut.image.height; ++y)
      ASSERT_EQ(std::memcmp(cut.image.pixels + static_cast<std::size_t>(y) * cut.image.stride_bytes,
                            expected.pixels + static_cast<std::size_t>(y) * expected.stride_bytes,
                            cut.image.row_bytes()),
                0)
          << config << " row " << y;
  }
}

TEST_F(ImageSenderTest, AModelOfUnknownSizeAndARegionTooSmallAreErrors) {
  ImageSender sender(name(), 8192, 2, {{"td2", {64, 96}}});
  EXPECT_FALSE(sender.can_send(*parse_model_config("td9-imgcompNone-inpcomp50")));
  EXPECT_NE(sender.write(1, {}, *parse_model_config("td9-imgcompNone-inpcomp50"), frame()).error, "");
  const auto written = sender.write(1, {}, *parse_model_config("td2-imgcomp50-inpcompNone"), frame());
  EXPECT_EQ(written.size_bytes, 0u);
  EXPECT_NE(written.error, "");
}

}  // namespace
}  // namespace turbo
