#pragma once
// Frames to bytes and back: raw BGR, JPEG, PNG.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/image/image.h"

namespace turbo {

struct Encoded {
  std::size_t size_bytes = 0;
  std::string error;  // empty: done
};

struct Decoded {
  ImageView image;    // the codec's own buffer or, for raw pixels, the bytes given; until the next decode()
  std::string error;  // empty: done
};

// Encodes and decodes with buffers and handles of its own, used again from call to call. For one thread at a
// time. Never throws on data: whatever the bytes are, the outcome is an image of the announced size or an
// error of one line.
class ImageCodec {
 public:
  static constexpr std::int64_t kMaxPixels = std::int64_t{8192} * 8192;

  explicit ImageCodec(std::int64_t max_pixels = kMaxPixels);
  ~ImageCodec();
  ImageCodec(ImageCodec&&) noexcept;
  ImageCodec& operator=(ImageCodec&&) noexcept;

  // Room to offer to encode(): no image of this size and form needs more.
  static std::size_t max_encoded_bytes(ImageForm form, int height, int width);

  // Writes straight into `out` (a shared region, say). Quality, 1 to 100, is for JPEG only. JPEG needs the
  // whole of max_encoded_bytes() offered, the others as much as the outcome takes.
  Encoded encode(ImageView image, ImageForm form, int quality, std::span<std::uint8_t> out);

  // `height` and `width` are what the sender announced; another size in the data itself is an error, seen
  // before any pixel is decoded. With `may_shrink_to`, a JPEG may come back at a half, a quarter or an eighth
  // of its size, as long as it is no smaller than that: faster where it is to be resized anyway.
  Decoded decode(std::span<const std::uint8_t> data, ImageForm form, ImageSize announced,
                 ImageSize may_shrink_to = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace turbo
