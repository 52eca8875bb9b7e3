#pragma once
// A region at its place in a model's input, the rest of which is grey: objects keep their size and place, so
// that boxes come out in the whole picture's pixels.

#include "core/image/region.h"
#include "inference/image.h"
#include "inference/preprocess.h"

namespace turbo {

class RegionCanvas {
 public:
  // Stretches the picture of the region to where the region lies in an input of this size. The result is the
  // canvas's own memory, until the next call. One thread at a time.
  ImageView place(ImageView picture, const FrameRegion& region, ImageSize input);

 private:
  Image canvas_;
  FrameRegion region_;
  ImageSize input_;  // 0: nothing placed yet
  Resizer resizer_;
};

}  // namespace turbo
