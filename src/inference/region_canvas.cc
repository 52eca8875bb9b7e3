#include "inference/region_canvas.h"

#include <cstring>

namespace turbo {
namespace {
constexpr int kGrey = 114;
}

ImageView RegionCanvas::place(ImageView picture, const FrameRegion& region, ImageSize input) {
  if (region != region_ || input.height != input_.height || input.width != input_.width) {
    const MutableImageView canvas = canvas_.reshape(input.height, input.width);
    std::memset(canvas.pixels, kGrey, ImageView(canvas).packed_bytes());
    region_ = region;
    input_ = input;
  }
  resizer_.resize(picture, crop(canvas_.view(), pixels_of(region, input)));
  return canvas_.view();
}

}  // namespace turbo
