#include "scene/world.h"

#include <algorithm>

namespace turbo::scene {
namespace {

constexpr double kBehind = 45;
constexpr double kPi = std::numbers::pi;

const Family& one_of(const std::vector<Family>& list, Dice& dice) {
  return list[std::size_t(dice.below(int(list.size())))];
}

double in_block(double z) { return z - std::floor(z / kBlock) * kBlock; }
bool at_crossing(double z, double margin) {
  const double b = in_block(z + margin);
  return b < kCrossing + 2 * margin;
}

// Calls visit(cell, dice) for the cells of a row that moves at `speed` and are near the ego vehicle now.
template <typename Visit>
void for_cells(std::uint64_t seed, int row, double cell, double speed, double time, Visit visit) {
  const double ego = World::kSpeed * time - speed * time;
  const auto first = std::int64_t(std::floor((ego - kBehind) / cell)),
             last = std::int64_t(std::ceil((ego + kRange + 5) / cell));
  for (std::int64_t i = first; i <= last; ++i) {
    Dice dice(seed, row, i);
    visit(i, dice);
  }
}

}  // namespace

const Family& World::vehicle(Dice& dice) const {
  return dice.chance(.8) ? one_of(figures_.cars, dice) : one_of(figures_.large_vehicles, dice);
}

void World::traffic(double time, std::vector<Item>& out) const {
  struct Lane {
    double x, speed, cell, density;
    bool cycles;
  };
  const Lane lanes[] = {{0, kSpeed, 24, .45, false}, {-3.5, 12.5, 22, .4, false},
                        {-7.3, -11, 22, .35, false}, {-10.8, -13, 26, .35, false},
                        {2.75, 4.5, 13, .33, true},  {-13.7, -5, 14, .33, true}};
  int row = 1;
  for (const Lane& lane : lanes) {
    for_cells(seed_, row++, lane.cell, lane.speed, time, [&](std::int64_t i, Dice& dice) {
      if (!dice.chance(lane.density)) return;
      const Family& family = lane.cycles ? one_of(figures_.cyclists, dice) : vehicle(dice);
      const double own = double(i) * lane.cell + dice.uniform(0, lane.cycles ? 10 : 11);
      if (lane.x == 0 && own > -14 && own < 11) return;  // the ego vehicle's own place
      const double z = own + lane.speed * time, x = lane.x + dice.uniform(-.25, .25);
      out.push_back(
          {&family, x, z, lane.speed > 0 ? 0 : kPi, std::abs(lane.speed) * time + dice.uniform(0, 9)});
    });
  }
}

void World::walkers(double time, std::vector<Item>& out) const {
  const double lanes[][2] = {{7.3, 1.3}, {8.5, -1.2}, {9.8, 1.05}, {-18.7, -1.3}, {-20.3, 1.2}};
  int row = 20;
  for (const auto& [x, speed] : lanes)
    for_cells(seed_, row++, 7, speed, time, [&, x = x, speed = speed](std::int64_t i, Dice& dice) {
      if (!dice.chance(.2)) return;
      const Family& family = one_of(figures_.people, dice);
      const double z = double(i) * 7 + dice.uniform(0, 5) + speed * time, side = dice.uniform(-.5, .5);
      out.push_back({&family, x + side, z, speed > 0 ? 0 : kPi, std::abs(speed) * time + dice.uniform(0, 2)});
      if (dice.chance(.25))  // two together
        out.push_back({&one_of(figures_.people, dice), x + side + .7, z + .2, speed > 0 ? 0 : kPi,
                       std::abs(speed) * time});
    });
}

void World::crossing_walkers(double time, std::vector<Item>& out) const {
  const double width = kCurbRight - kCurbLeft + 1.2;
  for_cells(seed_, 30, kBlock, 0, time, [&](std::int64_t block, Dice& dice) {
    const int people = dice.below(4);
    for (int i = 0; i < people; ++i) {
      const Family& family = one_of(figures_.people, dice);
      const double z =
          double(block) * kBlock + (dice.chance(.5) ? -2.2 : kCrossing + 2.2) + dice.uniform(-.9, .9);
      const double speed = dice.uniform(1.15, 1.6), over = width / speed;
      const double begin = z / kSpeed - over - dice.uniform(1.5, 11);
      const double done = (time - begin) / over;
      const bool leftward = dice.chance(.5);
      if (done < 0 || done > 1) continue;
      const double x = leftward ? kCurbRight + .6 - width * done : kCurbLeft - .6 + width * done;
      out.push_back({&family, x, z, leftward ? -kPi / 2 : kPi / 2, (time - begin) * speed});
    }
  });
}

void World::parked(double time, std::vector<Item>& out) const {
  for (int side : {0, 1})
    for_cells(seed_, 40 + side, 6.6, 0, time, [&](std::int64_t i, Dice& dice) {
      const double z = double(i) * 6.6 + dice.uniform(-.4, .4);
      if (at_crossing(z, 7) || !dice.chance(.42)) return;
      const double x = side == 0 ? 4.75 : -16.0;
      const bool container = dice.chance(.09);
      const Family& family = container ? one_of(figures_.boxes, dice) : one_of(figures_.cars, dice);
      out.push_back({&family, x + dice.uniform(-.1, .1), z, side == 0 ? 0 : kPi, 0});
    });
}

void World::furniture(double time, std::vector<Item>& out) const {
  for (int side : {0, 1})
    for_cells(seed_, 50 + side, 8.5, 0, time, [&](std::int64_t i, Dice& dice) {
      const double z = double(i) * 8.5 + dice.uniform(0, 2);
      if (at_crossing(z, 1)) return;
      const double x = side == 0 ? kCurbRight + .6 : kCurbLeft - .6,
                   wall = side == 0 ? kFrontRight - 1 : kFrontLeft + 1;
      if (((i % 4) + 4) % 4 == 0)
        out.push_back({&figures_.street_lights[0], x, z, 0, 0});
      else if (dice.chance(.4))
        out.push_back({&one_of(figures_.trees, dice), x + (side == 0 ? .4 : -.4), z, 0, 0});
      if (dice.chance(.4)) out.push_back({&one_of(figures_.small_lookalikes, dice), x, z + 2.5, 0, 0});
      if (dice.chance(.3)) out.push_back({&one_of(figures_.small_lookalikes, dice), wall, z + 4.5, 0, 0});
      if (dice.chance(.12))
        out.push_back(
            {&one_of(figures_.parked_bicycles, dice), wall, z + 3, dice.chance(.5) ? 0 : kPi / 2, 0});
      const double plate = dice.uniform();
      if (plate > .5) return;
      const bool sign = plate < .26, ours = side == 0 ? !dice.chance(.12) : dice.chance(.4);
      const double at = z + 4;
      out.push_back({&figures_.sign_posts[0], x, at + .05, 0, 0});
      out.push_back({&one_of(sign ? figures_.signs : figures_.adverts, dice), x, at,
                     (ours ? 0 : kPi) + dice.uniform(-.15, .15), 0, false});
    });
}

// Vehicles that wait in the crossing street, and people on its pavements.
void World::crossing(double time, std::vector<Item>& out) const {
  for_cells(seed_, 60, kBlock, 0, time, [&](std::int64_t block, Dice& dice) {
    const double z0 = double(block) * kBlock;
    for (int side : {0, 1})
      for (int place = 0; place < 3; ++place) {
        if (!dice.chance(.45)) break;
        const double away = 5 + place * 8.5 + dice.uniform(0, 1);
        const double x = side == 0 ? kCurbRight + away : kCurbLeft - away;
        out.push_back({&vehicle(dice), x, z0 + (side == 0 ? 10.5 : 5.5), side == 0 ? -kPi / 2 : kPi / 2, 0});
      }
    for (int i = 0; i < 4; ++i) {
      const double z = z0 + (dice.chance(.5) ? .7 : kCrossing - .7),
                   x0 = dice.chance(.5) ? kFrontRight : kFrontLeft - 25;
      const double x = x0 + dice.uniform(0, 25), way = dice.chance(.5) ? 1 : -1;
      out.push_back({&one_of(figures_.people, dice), x, z, way * kPi / 2, 0});
    }
  });
}

std::vector<Item> World::items(double time) const {
  std::vector<Item> out;
  out.reserve(400);
  traffic(time, out);
  walkers(time, out);
  crossing_walkers(time, out);
  parked(time, out);
  furniture(time, out);
  crossing(time, out);
  return out;
}

std::vector<Building> World::buildings(double time) const {
  std::vector<Building> out;
  const double ego = ego_z(time);
  const auto first = std::int64_t(std::floor((ego - 110) / kBlock)),
             last = std::int64_t(std::ceil((ego + 320) / kBlock));
  for (std::int64_t block = first; block <= last; ++block)
    for (int side : {0, 1}) {
      Dice dice(seed_, 70 + side, block);
      double z = double(block) * kBlock + kCrossing + 2;
      const double end = double(block + 1) * kBlock - 2;
      while (z < end - 8) {
        const double length = std::min(dice.uniform(14, 30), end - z);
        const double back = dice.uniform(0, 2), deep = dice.uniform(12, 25), height = dice.uniform(8, 27);
        const int facade = dice.below(6);
        const double front = side == 0 ? kFrontRight + back : kFrontLeft - back;
        if (!dice.chance(.12))
          out.push_back({front, side == 0 ? front + deep : front - deep, z, z + length, height, facade});
        z += length + (dice.chance(.2) ? dice.uniform(2, 8) : 0);
      }
    }
  return out;
}

}  // namespace turbo::scene
