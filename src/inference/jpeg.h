#pragma once
// libjpeg-turbo behind a small face. No header of it is needed by whoever includes this one.

#include <cstddef>
#include <span>
#include <string>

#include "core/image/image.h"

namespace turbo {

class Jpeg {
 public:
  Jpeg();  // throws std::runtime_error when the library gives no handle
  ~Jpeg();

  static std::size_t max_bytes(int height, int width);
  // `out` holds max_bytes() at least. Gives 0 and an error when it fails.
  std::size_t encode(ImageView image, int quality, std::span<std::uint8_t> out, std::string& error);

  // Reads the header only. False, with an error, when it is not that of a JPEG image.
  bool read_size(std::span<const std::uint8_t> data, int& height, int& width, std::string& error);
  // Into `out`, which has the size read above or that divided by 2, 4 or 8 (rounded up). Damage is an error.
  bool decode(std::span<const std::uint8_t> data, MutableImageView out, std::string& error);

 private:
  std::string decoding_failed();

  void* compressor_;
  void* decompressor_;
};

}  // namespace turbo
