#include "vehicle/client/image_sender.h"

#include <utility>

#include "transport/messages/messages.h"
#include "transport/shm/message_region.h"

namespace turbo {

namespace {

ImageForm form_of(Compression compression) {
  if (compression == Compression::kNone) return ImageForm::kRawBgr;
  return compression == Compression::kPng ? ImageForm::kPng : ImageForm::kJpeg;
}

}  // namespace

ImageSender::ImageSender(const std::string& region_name, std::size_t region_bytes, int service_id,
                         std::map<std::string, ImageSize> sizes)
    : region_(region_name, region_bytes), service_id_(service_id), sizes_(std::move(sizes)) {}

ImageSender::Written ImageSender::write(std::uint64_t context_id, Time deadline, const ModelConfig& config,
                                        ImageView frame) {
  const bool of_camera = config.image != Compression::kNone;  // the camera's pixels, not the model's
  const Compression compression = of_camera ? config.image : config.input;
  const auto size = sizes_.find(config.model);
  if (size == sizes_.end()) return {0, "the input size of model " + config.model + " is not configured"};

  const ImageSize scale = of_camera ? ImageSize{frame.height, frame.width} : size->second;
  const PixelRect part = pixels_of(config.region.value_or(FrameRegion{}), scale);
  ModelServerRequest request{.context_id = context_id,
                             .service_id = service_id_,
                             .model_config = format_frame_config(config),
                             .form = form_of(compression),
                             .height = static_cast<std::uint32_t>(part.height),
                             .width = static_cast<std::uint32_t>(part.width),
                             .frame_height = static_cast<std::uint32_t>(frame.height),
                             .frame_width = static_cast<std::uint32_t>(frame.width),
                             .payload_bytes = 0,
                             .deadline_monotonic_ns = deadline.time_since_epoch().count()};
  const int height = static_cast<int>(request.height), width = static_cast<int>(request.width);
  // A raw image's size is checked against its header: any valid one will do to learn the header's length.
  const std::size_t offset = payload_offset(encode(request).size());
  const std::size_t room = ImageCodec::max_encoded_bytes(request.form, height, width);
  if (!region_.reserve(offset + room))
    return {0, "an image of up to " + std::to_string(room) +
                   " bytes has no room in the region (quic_shm_size, or /dev/shm is full)"};

  begin_message(region_.bytes());
  const std::span<std::uint8_t> payload = region_.bytes().subspan(offset, room);
  // Resizing straight into the region saves a copy, where nothing is cut off.
  if (!of_camera && request.form == ImageForm::kRawBgr && !config.region) {
    resizer_.resize(frame, packed_view(payload.data(), height, width));
    request.payload_bytes = static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width) * 3;
  } else {
    if (!of_camera) resizer_.resize(frame, resized_.reshape(scale.height, scale.width));
    const ImageView picture = of_camera ? frame : std::as_const(resized_).view();
    const Encoded encoded =
        codec_.encode(crop(picture, part), request.form, jpeg_quality(compression), payload);
    if (!encoded.error.empty()) return {0, encoded.error};
    request.payload_bytes = encoded.size_bytes;
  }
  return {publish_message(region_.bytes(), encode(request), request.payload_bytes), {}};
}

}  // namespace turbo
