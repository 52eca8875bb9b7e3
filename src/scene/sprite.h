#pragma once
// A painted figure that always faces the camera: premultiplied BGRA at halving sizes.

#include <cstdint>
#include <vector>

#include "core/image/image.h"

namespace turbo::scene {

struct Bitmap {
  int width = 0, height = 0;
  std::vector<std::uint8_t> bgra;  // premultiplied
};

struct Color {
  int b = 0, g = 0, r = 0;
};

inline Color scaled(Color c, double k) {
  auto s = [k](int v) { return v * k > 255 ? 255 : int(v * k); };
  return {s(c.b), s(c.g), s(c.r)};
}

struct Sprite {
  std::vector<Bitmap> levels;  // each half of the one before
  double pixels_per_metre = 1;
  double anchor_x = 0, anchor_y = 0;  // pixels of level 0 where the figure stands

  // Cuts the margin of at most `faintest` opacity away and makes the levels.
  static Sprite from(const Bitmap& painted, double pixels_per_metre, double anchor_x, double anchor_y,
                     int faintest = 40);
};

// Where a sprite falls in the frame, unclipped, in pixels.
struct Rect {
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  int width() const { return x1 - x0; }
  int height() const { return y1 - y0; }
};

// Blends the sprite over `out`, stretched to `at`; `haze` of 256 parts of its colour mixed in.
class Blitter {
 public:
  void draw(const Sprite& sprite, const Rect& at, int haze, Color haze_color, MutableImageView out);

 private:
  std::vector<std::uint8_t> stretched_;
};

// Opacity, 0 to 255, at a place of the sprite (0 to 1 each way), from a coarse level.
int opacity(const Sprite& sprite, double across, double down);

}  // namespace turbo::scene
