#pragma once
// A part of a picture, named in per cent so that it means the same at every size.

#include "core/image/image.h"

namespace turbo {

// Width and left in per cent of the picture's width, height and top of its height; 1 to 100 wide and high,
// inside the picture.
struct FrameRegion {
  int width = 100, height = 100, left = 0, top = 0;
  bool operator==(const FrameRegion&) const = default;
};

struct PixelRect {
  int left = 0, top = 0, width = 0, height = 0;
  bool operator==(const PixelRect&) const = default;
};

// Whole pixels, every one that the region touches: at least one. The picture has at least one pixel, at most
// 20 million a side.
inline PixelRect pixels_of(const FrameRegion& region, ImageSize picture) {
  const auto begin = [](int percent, int size) { return percent * size / 100; };
  const auto end = [](int percent, int size) { return (percent * size + 99) / 100; };
  const int left = begin(region.left, picture.width), top = begin(region.top, picture.height);
  return {left, top, end(region.left + region.width, picture.width) - left,
          end(region.top + region.height, picture.height) - top};
}

// The same pixels, seen through a window that lies inside the picture.
inline ImageView crop(ImageView picture, const PixelRect& rect) {
  return {picture.pixels + static_cast<std::size_t>(rect.top) * picture.stride_bytes +
              static_cast<std::size_t>(rect.left) * 3,
          rect.height, rect.width, picture.stride_bytes};
}
inline MutableImageView crop(MutableImageView picture, const PixelRect& rect) {
  return {picture.pixels + static_cast<std::size_t>(rect.top) * picture.stride_bytes +
              static_cast<std::size_t>(rect.left) * 3,
          rect.height, rect.width, picture.stride_bytes};
}

}  // namespace turbo
