#pragma once
// Five pinhole cameras on one mast, all upright. World: x right of the ego lane's middle, y up, z along the
// street, in metres; angles from +z to +x.

#include <cmath>

namespace turbo::scene {

inline constexpr double kFocal = 1844;  // pixels: 55 degrees across 1920
inline constexpr double kMastHeight = 1.8;
inline constexpr double kCenterX = 960;
inline constexpr double kNear = 0.6;

struct CameraModel {
  double x = 0, z = 0;   // where the mast stands
  double yaw = 0;        // where it looks
  double horizon = 500;  // its row

  double depth(double px, double pz) const { return (px - x) * std::sin(yaw) + (pz - z) * std::cos(yaw); }
  double lateral(double px, double pz) const { return (px - x) * std::cos(yaw) - (pz - z) * std::sin(yaw); }
  double column(double lateral, double depth) const { return kCenterX + kFocal * lateral / depth; }
  double row(double height, double depth) const { return horizon + kFocal * (kMastHeight - height) / depth; }
};

}  // namespace turbo::scene
