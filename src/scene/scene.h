#pragma once
// A synthetic drive along an endless street: frames of five cameras of one moving world, with the exact boxes
// known. Everything is a function of (seed, time): any moment can be rendered at once, in any order, and
// twice the same call gives twice the same bytes.

#include <cstdint>
#include <memory>
#include <vector>

#include "core/detection/average_precision.h"
#include "core/image/image.h"

namespace turbo {

class Scene {
 public:
  static constexpr int kHeight = 1080, kWidth = 1920;
  static constexpr int kCameras = 5;  // 1 front, 2 front left, 3 front right, 4 side left, 5 side right

  // Paints the world's figures and textures: about half a second, and about 200 MB.
  explicit Scene(std::uint64_t seed);
  ~Scene();
  Scene(Scene&&) noexcept;

  // `time` in seconds, from 0 on; `camera` 1 to 5; `out` must be kHeight x kWidth. Throws
  // std::invalid_argument otherwise. Not to be called by two threads at once on one Scene.
  void render(double time, int camera, MutableImageView out);

  // What that frame shows: boxes around whole objects, cut at the frame's edge,
  // in pixels of a height x width picture of it. Left out: what is mostly
  // hidden, mostly outside, or under 10 pixels high or 8 wide in the full frame.
  std::vector<TruthBox> truth(double time, int camera, int height = kHeight, int width = kWidth) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace turbo
