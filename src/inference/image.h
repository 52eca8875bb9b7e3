#pragma once
// Pictures in memory: rows of blue, green, red bytes.

#include <cstddef>
#include <cstdint>
#include <memory>

namespace turbo {

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

// A buffer used again from frame to frame: it grows, never shrinks, and its content is undefined after
// reshape().
class Image {
 public:
  MutableImageView reshape(int height, int width) {
    const auto size_bytes = static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * 3;
    if (size_bytes > capacity_bytes_) {
      pixels_.reset(new std::uint8_t[size_bytes]);
      capacity_bytes_ = size_bytes;
    }
    height_ = height;
    width_ = width;
    return view();
  }
  MutableImageView view() { return packed_view(pixels_.get(), height_, width_); }
  ImageView view() const {
    return packed_view(static_cast<const std::uint8_t*>(pixels_.get()), height_, width_);
  }

 private:
  std::unique_ptr<std::uint8_t[]> pixels_;
  std::size_t capacity_bytes_ = 0;
  int height_ = 0;
  int width_ = 0;
};

}  // namespace turbo
