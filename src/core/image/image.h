#pragma once
// Pictures in memory: rows of blue, green, red bytes.

#include <cstddef>
#include <cstdint>

namespace turbo {

// How pixels travel.
enum class ImageForm : std::int8_t { kRawBgr = 0, kJpeg = 1, kPng = 2 };

struct ImageSize {
  int height = 0;
  int width = 0;
};

// Someone else's pixels: `height` rows of `width` BGR pixels, `stride_bytes` apart.
struct ImageView {
  const std::uint8_t* pixels = nullptr;
  int height = 0;
  int width = 0;
  std::size_t stride_bytes = 0;

  bool empty() const { return pixels == nullptr; }
  std::size_t row_bytes() const { return static_cast<std::size_t>(width) * 3; }
  std::size_t packed_bytes() const { return row_bytes() * static_cast<std::size_t>(height); }
};

struct MutableImageView {
  std::uint8_t* pixels = nullptr;
  int height = 0;
  int width = 0;
  std::size_t stride_bytes = 0;

  operator ImageView() const { return {pixels, height, width, stride_bytes}; }
};

inline ImageView packed_view(const std::uint8_t* pixels, int height, int width) {
  return {pixels, height, width, static_cast<std::size_t>(width) * 3};
}
inline MutableImageView packed_view(std::uint8_t* pixels, int height, int width) {
  return {pixels, height, width, static_cast<std::size_t>(width) * 3};
}

}  // namespace turbo
