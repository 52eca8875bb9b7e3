#pragma once
// The light of one world: the hour and the weather, drawn by its seed.

#include <cmath>
#include <cstdint>
#include <cstring>

#include "scene/dice.h"
#include "scene/sprite.h"

namespace turbo::scene {

struct Palette {
  Color zenith, horizon, cloud;
  double cloudiness = .4;
  double light = 1;  // of surfaces
  double warm = 0;   // -1 blue to 1 red
  double haze_metres = 260;

  static Palette drawn(std::uint64_t seed) {
    Dice dice(seed, 100);
    Palette p;
    switch (dice.below(4)) {
      case 0:
        p = {{205, 135, 70}, {235, 215, 190}, {250, 250, 250}, .35, 1.0, .1, 300};
        break;  // clear
      case 1:
        p = {{175, 165, 155}, {215, 212, 208}, {225, 225, 225}, .8, .85, -.15, 200};
        break;  // overcast
      case 2:
        p = {{170, 110, 70}, {150, 195, 240}, {170, 200, 245}, .5, .85, .5, 240};
        break;  // evening
      default:
        p = {{215, 170, 120}, {235, 230, 222}, {250, 250, 250}, .55, 1.05, 0, 180};  // haze
    }
    p.light *= dice.uniform(.9, 1.08);
    return p;
  }
  Color lit(Color c) const {
    auto s = [&](int v, double k) { return int(std::fmin(255, v * light * k)); };
    return {s(c.b, 1 - .12 * warm), s(c.g, 1), s(c.r, 1 + .12 * warm)};
  }
  // How much of 256 parts is haze at a distance.
  int haze(double metres) const { return int(215 * (1 - std::exp(-metres / haze_metres * .9))); }
};

// (texel * clear + haze * mixed) / 256 for the three channels at once.
inline std::uint32_t mix(std::uint32_t texel, std::uint32_t clear, std::uint32_t haze_rb,
                         std::uint32_t haze_g) {
  const std::uint32_t rb = (((texel & 0xff00ff) * clear + haze_rb) >> 8) & 0xff00ff;
  const std::uint32_t g = (((texel & 0x00ff00) * clear + haze_g) >> 8) & 0x00ff00;
  return rb | g;
}

// Writes a pixel and one byte too many: for runs written from left to right that end before the row does.
inline void put4(std::uint8_t* at, std::uint32_t color) { std::memcpy(at, &color, 4); }
inline void put3(std::uint8_t* at, std::uint32_t color) { std::memcpy(at, &color, 3); }

}  // namespace turbo::scene
