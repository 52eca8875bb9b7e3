#pragma once
// libpng behind a small face.

#include <cstddef>
#include <span>
#include <string>

#include "core/image/image.h"

namespace turbo::png {

std::size_t max_bytes(int height, int width);
// Fast rather than small. Gives 0 and an error when it fails or `out` is too small.
std::size_t encode(ImageView image, std::span<std::uint8_t> out, std::string& error);

// Looks at the first 24 bytes only. False, with an error, when they are not a PNG image's.
bool read_size(std::span<const std::uint8_t> data, std::int64_t& height, std::int64_t& width,
               std::string& error);
// Into `out`, which has the size read above. Truncated or damaged data is an error.
bool decode(std::span<const std::uint8_t> data, MutableImageView out, std::string& error);

}  // namespace turbo::png
