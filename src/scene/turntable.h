#pragma once
// A small modelling bench: shapes of a figure, put on a turntable and painted from one side into a sprite.
// Local axes: x right, y up, z forward, metres. Orthographic, looked at from a little above.

#include <memory>
#include <vector>

#include "scene/sprite.h"

namespace turbo::scene {

struct Point {
  double x = 0, y = 0, z = 0;
};

class Turntable {
 public:
  // `angle`: which way the viewer looks, from +z to +x: 0 sees the figure's back.
  Turntable(double pixels_per_metre, double angle, double reach_metres, double tall_metres);
  ~Turntable();

  // A flat face; seen only if it turns its front to the viewer, `inside` being a point behind it.
  void face(const std::vector<Point>& corners, Point inside, Color color, double gloss = 0,
            double nearer = 0);
  // A side outline (z, y) drawn out across x, wide at the bottom `low` and at the top `high` (half widths).
  void extrude(const std::vector<Point>& outline_zy, double half_low, double half_high, Color side, Color top,
               double gloss);
  void box(Point low, Point high, Color color, double gloss = 0.2);
  void limb(Point from, Point to, double radius, Color color, double nearer = 0);
  void ball(Point center, double radius, Color color, double nearer = 0);
  void disc(Point center, double radius, Color color, double nearer = 0);  // in the y-z plane
  void ring(Point center, double radius, double thickness, Color color,
            double nearer = 0);                                       // in the y-z plane
  void board(Point low, Point high, Color color, double nearer = 0);  // in the x-y plane, at low.z

  Sprite finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace turbo::scene
