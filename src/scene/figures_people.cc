#include <algorithm>
#include <iterator>

#include "scene/figures.h"
#include "scene/turntable.h"

namespace turbo::scene {
namespace {

struct Outfit {
  Color skin, hair, top, trousers, shoes, bag;
  double size;  // 1: 1.75 m
  bool skirt, bagged;
};

Outfit choose_outfit(Dice& dice) {
  const Color skins[] = {{150, 180, 225}, {95, 130, 180}, {60, 85, 125}, {130, 165, 210}};
  const Color hairs[] = {{25, 25, 30}, {40, 60, 90}, {90, 150, 190}, {120, 120, 125}};
  auto cloth = [&] { return Color{30 + dice.below(190), 30 + dice.below(170), 30 + dice.below(190)}; };
  Outfit o{skins[dice.below(4)],
           hairs[dice.below(4)],
           cloth(),
           scaled(cloth(), .6),
           {30, 30, 35},
           cloth(),
           dice.uniform(.9, 1.08),
           false,
           false};
  if (dice.chance(.15)) o.size = dice.uniform(.6, .75);  // a child
  o.skirt = dice.chance(.25);
  o.bagged = dice.chance(.4);
  return o;
}

Sprite person_view(const Outfit& o, double angle, double swing) {
  Turntable t(104, angle, .75, 2.0);
  auto at = [&](double x, double y, double z) { return Point{x * o.size, y * o.size, z * o.size}; };
  const double r = o.size;
  for (double s : {-1.0, 1.0}) {
    const double step = s * swing;
    const Point hip = at(s * .09, .88, 0), knee = at(s * .1, .48, step * .16 + .03),
                foot = at(s * .1, .07, step * .3);
    t.limb(hip, knee, .085 * r, o.trousers);
    t.limb(knee, foot, .06 * r, o.skirt ? o.skin : o.trousers);
    t.limb(foot, at(s * .1, .05, step * .3 + .13), .05 * r, o.shoes);
    const Point shoulder = at(s * .2, 1.4, 0), elbow = at(s * .25, 1.13, -step * .12),
                hand = at(s * .24, .88, -step * .2 + .06);
    t.limb(shoulder, elbow, .055 * r, scaled(o.top, .9));
    t.limb(elbow, hand, .045 * r, scaled(o.top, .9));
    t.ball(hand, .05 * r, o.skin);
  }
  t.limb(at(0, .92, 0), at(0, 1.34, 0), .16 * r, o.top, .05);
  t.limb(at(-.13, 1.38, 0), at(.13, 1.38, 0), .08 * r, o.top, .05);
  if (o.skirt) t.limb(at(0, .62, 0), at(0, .86, 0), .2 * r, o.top, .1);
  if (o.bagged) t.limb(at(0, 1.05, -.2), at(0, 1.3, -.2), .13 * r, o.bag);
  t.limb(at(0, 1.42, 0), at(0, 1.52, 0), .055 * r, o.skin);
  t.ball(at(0, 1.63, .015), .108 * r, o.skin, .02);
  t.ball(at(0, 1.67, -.03), .112 * r, o.hair);
  return t.finish();
}

Sprite cyclist_view(const Outfit& o, Color frame, bool ridden, double angle, double turn) {
  Turntable t(96, angle, 1.15, 2.0);
  const Color tyre{30, 30, 30}, metal{160, 160, 160};
  const Point rear{0, .34, -.52}, front{0, .34, .55}, crank{0, .3, -.02}, saddle{0, .92, -.22},
      head{0, .86, .36};
  for (const Point& hub : {rear, front}) {
    t.ring(hub, .33, .055, tyre);
    for (int i = 0; i < 3; ++i) {
      const double a = i * 1.05 + turn;
      t.limb({0, hub.y + .3 * std::sin(a), hub.z + .3 * std::cos(a)},
             {0, hub.y - .3 * std::sin(a), hub.z - .3 * std::cos(a)}, .006, metal);
    }
  }
  for (auto [a, b] : {std::pair{rear, crank},
                      {crank, saddle},
                      {crank, head},
                      {saddle, head},
                      {rear, saddle},
                      {head, front}})
    t.limb(a, b, .024, frame, .01);
  t.limb({-.26, 1.0, .36}, {.26, 1.0, .36}, .02, tyre);
  t.limb(head, {0, 1.0, .36}, .02, frame);
  t.limb({0, .95, -.32}, {0, .95, -.1}, .045, tyre);
  if (ridden) {
    for (double s : {-1.0, 1.0}) {
      const double a = turn * 2 + (s > 0 ? 0 : std::numbers::pi);
      const Point hip{s * .1, .98, -.2}, foot{s * .12, .32 + .16 * std::sin(a), .0 + .16 * std::cos(a)};
      const Point knee{s * .12, (hip.y + foot.y) / 2 + .08, (hip.z + foot.z) / 2 + .24};
      t.limb(hip, knee, .085, o.trousers);
      t.limb(knee, foot, .06, o.trousers);
      t.ball(foot, .06, o.shoes);
      t.limb({s * .19, 1.42, .08}, {s * .23, 1.02, .36}, .05, scaled(o.top, .9));
      t.ball({s * .23, 1.02, .37}, .05, o.skin);
    }
    t.limb({0, 1.0, -.2}, {0, 1.38, .05}, .16, o.top, .03);
    t.limb({-.12, 1.42, .07}, {.12, 1.42, .07}, .08, o.top, .03);
    t.ball({0, 1.62, .14}, .105, o.skin);
    t.ball({0, 1.67, .12}, .12, o.bag);
  }
  return t.finish();
}

}  // namespace

Family paint_person(Dice& dice) {
  const Outfit o = choose_outfit(dice);
  Family f{.label = int(ObjectClass::kPedestrian),
           .angles = 8,
           .phases = 4,
           .stride = .35 * o.size,
           .sprites = {}};
  const double swings[] = {1, 0.15, -1, -0.15};
  for (double swing : swings)
    for (int a = 0; a < f.angles; ++a)
      f.sprites.push_back(person_view(o, a * 2 * std::numbers::pi / f.angles, swing));
  return f;
}

Family paint_cyclist(Dice& dice, bool with_rider) {
  Outfit o = choose_outfit(dice);
  const Color frame{40 + dice.below(180), 40 + dice.below(120), 40 + dice.below(180)};
  Family f{.label = with_rider ? int(ObjectClass::kCyclist) : -1,
           .angles = 16,
           .phases = with_rider ? 3 : 1,
           .stride = .8,
           .sprites = {}};
  for (int p = 0; p < f.phases; ++p)
    for (int a = 0; a < f.angles; ++a)
      f.sprites.push_back(
          cyclist_view(o, frame, with_rider, a * 2 * std::numbers::pi / f.angles, p * 1.05 + .4));
  return f;
}

}  // namespace turbo::scene
