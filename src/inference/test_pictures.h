#pragma once
// Pictures for the tests: smooth, with some detail, the same on every run.

#include <cmath>
#include <cstdint>
#include <vector>

#include "inference/image.h"

namespace turbo::test {

struct Picture {
  int height, width;
  std::vector<std::uint8_t> bytes;
  ImageView view() const { return packed_view(bytes.data(), height, width); }
};

inline Picture make_picture(int height, int width) {
  Picture picture{height, width, {}};
  picture.bytes.resize(static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * 3);
  std::size_t at = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int channel = 0; channel < 3; ++channel) {
        const bool sign = x > width / 2 && x < width / 2 + 20 && y > height / 3 && y < height / 3 + 20;
        const double wave =
            110 + 80 * std::sin(0.013 * x * (channel + 1)) * std::cos(0.017 * y) + channel * 15;
        picture.bytes[at++] = static_cast<std::uint8_t>(sign ? 200 + 20 * channel : wave);
      }
  return picture;
}

inline double mean_difference(ImageView a, ImageView b) {
  double sum = 0;
  for (int y = 0; y < a.height; ++y)
    for (std::size_t x = 0; x < a.row_bytes(); ++x)
      sum += std::abs(int{a.pixels[static_cast<std::size_t>(y) * a.stride_bytes + x]} -
                      int{b.pixels[static_cast<std::size_t>(y) * b.stride_bytes + x]});
  return sum / static_cast<double>(a.packed_bytes());
}

}  // namespace turbo::test
