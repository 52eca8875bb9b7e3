#pragma once
// What stands and moves along the street, as a function of time: cells of the street, and of each lane in its
// own moving frame, are set by dice, so nothing has to be remembered and nothing ever collides within a lane.

#include <cstdint>
#include <vector>

#include "scene/figures.h"

namespace turbo::scene {

inline constexpr double kBlock = 102.4;  // metres from crossing to crossing
inline constexpr double kCrossing = 16;  // of which this many are the crossing street
inline constexpr double kRange = 150;    // how far figures are shown
inline constexpr double kCurbRight = 5.9, kCurbLeft = -17.2;
inline constexpr double kFrontRight = 12, kFrontLeft = -23;  // where the buildings begin

struct Item {
  const Family* family = nullptr;
  double x = 0, z = 0, heading = 0, walked = 0;
  bool casts_shadow = true;
};

struct Building {
  double front_x = 0, back_x = 0, z0 = 0, z1 = 0, height = 0;
  int facade = 0;
};

class World {
 public:
  static constexpr double kSpeed = 10;  // of the ego vehicle, m/s

  World(std::uint64_t seed, const Figures& figures) : seed_(seed), figures_(figures) {}

  double ego_z(double time) const { return kSpeed * time; }
  std::vector<Item> items(double time) const;
  std::vector<Building> buildings(double time) const;

 private:
  void traffic(double time, std::vector<Item>& out) const;
  void walkers(double time, std::vector<Item>& out) const;
  void crossing_walkers(double time, std::vector<Item>& out) const;
  void parked(double time, std::vector<Item>& out) const;
  void furniture(double time, std::vector<Item>& out) const;
  void crossing(double time, std::vector<Item>& out) const;
  const Family& vehicle(Dice& dice) const;

  std::uint64_t seed_;
  const Figures& figures_;
};

}  // namespace turbo::scene
