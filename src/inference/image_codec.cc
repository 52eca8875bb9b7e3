#include "inference/image_codec.h"

#include <cstring>

#include "inference/image.h"
#include "inference/jpeg.h"
#include "inference/png.h"

namespace turbo {
namespace {

constexpr int kMaxSide = 65535;

std::string size_text(std::int64_t height, std::int64_t width) {
  return std::to_string(height) + " x " + std::to_string(width);
}

// Half, quarter or eighth of a side as the JPEG decoder rounds it.
int shrunk(int side, int divisor) { return (side + divisor - 1) / divisor; }

void copy_packed(ImageView from, std::uint8_t* to) {
  if (from.stride_bytes == from.row_bytes()) {
    std::memcpy(to, from.pixels, from.packed_bytes());
    return;
  }
  for (int y = 0; y < from.height; ++y)
    std::memcpy(to + static_cast<std::size_t>(y) * from.row_bytes(),
                from.pixels + static_cast<std::size_t>(y) * from.stride_bytes, from.row_bytes());
}

}  // namespace

struct ImageCodec::State {
  std::int64_t max_pixels;
  Jpeg jpeg;
  Image decoded;

  Decoded decode_jpeg(std::span<const std::uint8_t> data, ImageSize announced, ImageSize may_shrink_to);
  Decoded decode_png(std::span<const std::uint8_t> data, ImageSize announced);
};

ImageCodec::ImageCodec(std::int64_t max_pixels) : state_(new State{max_pixels, {}, {}}) {}
ImageCodec::~ImageCodec() = default;
ImageCodec::ImageCodec(ImageCodec&&) noexcept = default;
ImageCodec& ImageCodec::operator=(ImageCodec&&) noexcept = default;

std::size_t ImageCodec::max_encoded_bytes(ImageForm form, int height, int width) {
  switch (form) {
    case ImageForm::kJpeg:
      return Jpeg::max_bytes(height, width);
    case ImageForm::kPng:
      return png::max_bytes(height, width);
    case ImageForm::kRawBgr:
      break;
  }
  return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * 3;
}

Encoded ImageCodec::encode(ImageView image, ImageForm form, int quality, std::span<std::uint8_t> out) {
  Encoded outcome;
  if (image.empty() || image.height < 1 || image.width < 1 || image.height > kMaxSide ||
      image.width > kMaxSide)
    outcome.error = "an image of " + size_text(image.height, image.width) + " cannot be encoded";
  else if (form == ImageForm::kPng)
    outcome.size_bytes = png::encode(image, out, outcome.error);
  else if (const auto needed = max_encoded_bytes(form, image.height, image.width); out.size() < needed)
    outcome.error = "room of " + std::to_string(out.size()) + " bytes for an image that may take " +
                    std::to_string(needed);
  else if (form == ImageForm::kJpeg)
    outcome.size_bytes = state_->jpeg.encode(image, quality, out, outcome.error);
  else {
    copy_packed(image, out.data());
    outcome.size_bytes = image.packed_bytes();
  }
  return outcome;
}

Decoded ImageCodec::decode(std::span<const std::uint8_t> data, ImageForm form, ImageSize announced,
                           ImageSize may_shrink_to) {
  const auto pixels = std::int64_t{announced.height} * announced.width;
  if (announced.height < 1 || announced.width < 1 || announced.height > kMaxSide ||
      announced.width > kMaxSide || pixels > state_->max_pixels)
    return {{},
            "an image of " + size_text(announced.height, announced.width) + " is beyond the limit of " +
                std::to_string(state_->max_pixels) + " pixels"};
  if (form == ImageForm::kJpeg) return state_->decode_jpeg(data, announced, may_shrink_to);
  if (form == ImageForm::kPng) return state_->decode_png(data, announced);
  if (data.size() != static_cast<std::size_t>(pixels) * 3)
    return {{},
            "raw pixels: " + std::to_string(data.size()) + " bytes for an image of " +
                size_text(announced.height, announced.width) + " x 3"};
  return {packed_view(data.data(), announced.height, announced.width), {}};
}

Decoded ImageCodec::State::decode_jpeg(std::span<const std::uint8_t> data, ImageSize announced,
                                       ImageSize may_shrink_to) {
  Decoded outcome;
  int height = 0;
  int width = 0;
  if (!jpeg.read_size(data, height, width, outcome.error)) return outcome;
  if (height != announced.height || width != announced.width) {
    outcome.error = "JPEG: the image is " + size_text(height, width) + ", announced as " +
                    size_text(announced.height, announced.width);
    return outcome;
  }
  int divisor = 1;
  if (may_shrink_to.height > 0 && may_shrink_to.width > 0)
    while (divisor < 8 && shrunk(height, divisor * 2) >= may_shrink_to.height &&
           shrunk(width, divisor * 2) >= may_shrink_to.width)
      divisor *= 2;
  const auto target = decoded.reshape(shrunk(height, divisor), shrunk(width, divisor));
  if (jpeg.decode(data, target, outcome.error)) outcome.image = target;
  return outcome;
}

Decoded ImageCodec::State::decode_png(std::span<const std::uint8_t> data, ImageSize announced) {
  Decoded outcome;
  std::int64_t height = 0;
  std::int64_t width = 0;
  if (!png::read_size(data, height, width, outcome.error)) return outcome;
  if (height != announced.height || width != announced.width) {
    outcome.error = "PNG: the image is " + size_text(height, width) + ", announced as " +
                    size_text(announced.height, announced.width);
    return outcome;
  }
  const auto target = decoded.reshape(announced.height, announced.width);
  if (png::decode(data, target, outcome.error)) outcome.image = target;
  return outcome;
}

}  // namespace turbo
