#pragma once
// From a camera frame to a model's input.

#include <array>
#include <span>

#include "core/detection/detection.h"
#include "inference/image.h"

namespace turbo {

// Stretches pictures. Halves (the mean of 2 x 2 pixels) as long as the
// target allows, then interpolates: objects of a few pixels survive as they
// do in an exact area mean, at a sixth of its cost. One thread at a time.
class Resizer {
 public:
  // Both have at least one pixel.
  void resize(ImageView from, MutableImageView to);

 private:
  std::array<Image, 2> halves_;
};

// Keeps OpenCV from starting a thread for every core in this process: frames are many, cores few.
void use_one_image_thread();

// BGR bytes to planes of red, green, blue, 0 to 1. `tensor` holds 3 * height * width values.
void to_tensor(ImageView image, std::span<float> tensor);

// From boxes in pixels of one size of a picture to boxes in pixels of another.
void scale_boxes(std::span<Detection> detections, int from_height, int from_width, int to_height,
                 int to_width);

}  // namespace turbo
