#pragma once
// The street's surface: painted once for one block, repeated for ever, and seen in perspective row by row.

#include "scene/camera_model.h"
#include "scene/palette.h"

namespace turbo::scene {

class Ground {
 public:
  Ground(std::uint64_t seed, const Palette& palette);
  void draw(const CameraModel& camera, MutableImageView out) const;

 private:
  struct Level {
    int width = 0, height = 0, shift = 0;  // texels; 2^shift texels of level 0 each
    std::vector<std::uint32_t> texels;     // 0x00RRGGBB, [z][x]
  };
  Palette palette_;
  std::vector<Level> levels_;
  std::vector<std::uint32_t> jitter_;
};

}  // namespace turbo::scene
