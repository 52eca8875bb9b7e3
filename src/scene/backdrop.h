#pragma once
// Sky, hills and the house fronts.

#include <array>
#include <vector>

#include "scene/camera_model.h"
#include "scene/palette.h"
#include "scene/world.h"

namespace turbo::scene {

// A house's wall as a camera sees it: its two ends (lateral, depth) and what is painted on it.
struct Wall {
  double lateral0, depth0, lateral1, depth1, length;
  double base, height;  // metres above ground, from where to where
  int facade;
  double shade;
  double away;  // of the house's middle from the camera, along the street
};

// The walls that turn their front to the camera, far ones first.
std::vector<Wall> seen_walls(const CameraModel& camera, const std::vector<Building>& buildings);
// The wall's depth in a column of the frame, 0 where it is not; `along` gets metres from its first end.
double wall_depth(const Wall& wall, double column, double& along);

class Backdrop {
 public:
  Backdrop(std::uint64_t seed, const Palette& palette);
  // `view` 0 to 4 names the camera: each has a sky of its own, painted when first asked for.
  void draw_sky(const CameraModel& camera, int view, MutableImageView out);
  void draw_wall(const CameraModel& camera, const Wall& wall, MutableImageView out) const;

  // One column of a wall, on its way down.
  struct Column {
    int top = 0, bottom = 0;
    const std::uint32_t* texels = nullptr;
    const std::uint32_t* jitter = nullptr;
    std::int32_t place = 0, step = 0;  // texels, 16 bits of fraction
    int last = 0;
    std::uint32_t clear = 0, haze_rb = 0, haze_g = 0;
  };

 private:
  Column column(const CameraModel& camera, const Wall& wall, int u, const MutableImageView& out) const;

  struct Facade {
    std::vector<std::vector<std::uint32_t>> levels;  // [along][up], halving
  };
  std::uint64_t seed_;
  Palette palette_;
  std::vector<Facade> facades_;
  std::vector<std::uint32_t> jitter_;
  std::array<std::vector<std::uint8_t>, 5> skies_;
};

}  // namespace turbo::scene
