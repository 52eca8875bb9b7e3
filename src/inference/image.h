#pragma once
// Memory for pictures.

#include <memory>

#include "core/image/image.h"

namespace turbo {

// A buffer used again from frame to frame: it grows, never
// shrinks, and its content is undefined after reshape().
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
