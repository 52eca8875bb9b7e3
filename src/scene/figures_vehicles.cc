#include "scene/figures.h"
#include "scene/turntable.h"

namespace turbo::scene {
namespace {

constexpr Color kGlass{70, 58, 48}, kSky{165, 150, 130}, kTyre{28, 28, 28}, kHub{150, 150, 150},
    kLamp{235, 245, 250}, kTail{35, 30, 200}, kPlate{225, 230, 230}, kDark{40, 40, 42};

struct Body {
  std::vector<Point> lower, cabin;  // outlines (z, y)
  double half, half_low, half_high;
  double wheels_z, wheel_radius, front, rear, lamp_y;
  std::vector<std::vector<Point>> side_windows;  // (z, y), on the cabin
};

Point zy(double z, double y) { return {0, y, z}; }

Body car_body(int kind) {
  if (kind == 0)  // saloon
    return {{zy(-2.2, .28), zy(2.2, .28), zy(2.28, .5), zy(2.15, .72), zy(.95, .92), zy(-1.5, .98),
             zy(-2.2, .92), zy(-2.28, .55)},
            {zy(1.05, .9), zy(.3, 1.42), zy(-.95, 1.45), zy(-1.75, .96)},
            .9,
            .82,
            .62,
            1.35,
            .33,
            2.2,
            -2.22,
            .66,
            {{zy(.8, .97), zy(.28, 1.35), zy(-.28, 1.37), zy(-.28, .97)},
             {zy(-.38, .97), zy(-.38, 1.37), zy(-.92, 1.37), zy(-1.45, 1.0)}}};
  if (kind == 1)  // tall estate
    return {{zy(-2.2, .32), zy(2.2, .32), zy(2.3, .6), zy(2.15, .9), zy(1.2, 1.05), zy(-2.25, 1.08),
             zy(-2.3, .6)},
            {zy(1.25, 1.03), zy(.6, 1.62), zy(-1.9, 1.68), zy(-2.22, 1.06)},
            .95,
            .9,
            .72,
            1.4,
            .37,
            2.22,
            -2.26,
            .84,
            {{zy(1.0, 1.1), zy(.56, 1.53), zy(-.2, 1.56), zy(-.2, 1.1)},
             {zy(-.32, 1.1), zy(-.32, 1.56), zy(-1.2, 1.58), zy(-1.2, 1.1)},
             {zy(-1.32, 1.1), zy(-1.32, 1.57), zy(-1.85, 1.57), zy(-2.05, 1.12)}}};
  // hatchback
  return {{zy(-1.85, .28), zy(1.85, .28), zy(1.95, .5), zy(1.8, .76), zy(.95, .95), zy(-1.85, 1.0),
           zy(-1.92, .55)},
          {zy(1.05, .93), zy(.35, 1.47), zy(-1.3, 1.5), zy(-1.85, 1.0)},
          .86,
          .8,
          .63,
          1.2,
          .31,
          1.88,
          -1.88,
          .7,
          {{zy(.8, 1.0), zy(.33, 1.38), zy(-.3, 1.41), zy(-.3, 1.0)},
           {zy(-.42, 1.0), zy(-.42, 1.41), zy(-1.2, 1.42), zy(-1.5, 1.03)}}};
}

void add_wheels(Turntable& t, double half, double z, double radius) {
  for (double x : {-half, half})
    for (double wz : {-z, z}) {
      // Only the near side's wheels show; the far side's lie behind the body.
      t.disc({x * 1.005, radius, wz}, radius * 1.12, kDark, .12);
      t.disc({x * 1.01, radius, wz}, radius, kTyre, .14);
      t.disc({x * 1.02, radius, wz}, radius * .6, kHub, .16);
    }
}

void add_ends(Turntable& t, double half, double front, double rear, double lamp_y) {
  const Point inside{0, lamp_y, 0};
  auto plate = [&](double z, double x0, double x1, double y0, double y1, Color c) {
    t.face({{x0, y0, z}, {x1, y0, z}, {x1, y1, z}, {x0, y1, z}}, inside, c, 0, .5);
  };
  for (double s : {-1.0, 1.0}) {
    plate(front + .1, s * half * .55, s * half * .95, lamp_y - .08, lamp_y + .06, kLamp);
    plate(rear - .1, s * half * .6, s * half * .97, lamp_y - .06, lamp_y + .14, kTail);
  }
  plate(front + .11, -half * .5, half * .5, lamp_y - .2, lamp_y - .02, kDark);
  plate(front + .12, -.26, .26, .4, .52, kPlate);
  plate(rear - .12, -.26, .26, lamp_y - .12, lamp_y, kPlate);
  plate(rear - .11, -half * .9, half * .9, .3, .42, kDark);
}

Sprite car_view(const Body& b, Color color, double angle) {
  Turntable t(64, angle, 2.7, 2.0);
  t.board({-b.half, .14, 0}, {b.half, .3, 0}, kDark);
  t.extrude(b.lower, b.half, b.half * .97, color, color, .16);
  t.extrude(b.cabin, b.half_low, b.half_high, color, scaled(color, 1.05), 0);
  const Point inside{0, 1.1, -.4};
  const double low = b.cabin[0].y, high = b.cabin[1].y;
  auto half = [&](double y) { return b.half_low + (b.half_high - b.half_low) * (y - low) / (high - low); };
  auto pane = [&](const Point& a, const Point& c, double inset) {  // across, from outline corner a to c
    auto at = [&](double k) { return zy(a.z + (c.z - a.z) * k, a.y + (c.y - a.y) * k); };
    const Point p = at(.08), q = at(.92);
    const double hp = half(p.y) - inset, hq = half(q.y) - inset;
    const double out = a.z > 0 ? .02 : -.02;
    t.face({{-hp, p.y, p.z + out}, {hp, p.y, p.z + out}, {hq, q.y, q.z + out}, {-hq, q.y, q.z + out}}, inside,
           a.z > 0 ? kSky : kGlass, .35, .6);
  };
  pane(b.cabin[0], b.cabin[1], .06);
  pane(b.cabin[3], b.cabin[2], .08);
  for (const auto& window : b.side_windows)
    for (double s : {-1.0, 1.0}) {
      std::vector<Point> corners;
      for (const Point& p : window) corners.push_back({s * (half(p.y) + .01), p.y, p.z});
      t.face(corners, inside, kGlass, .5, .6);
    }
  add_wheels(t, b.half, b.wheels_z, b.wheel_radius);
  add_ends(t, b.half, b.front, b.rear, b.lamp_y);
  for (double s : {-1.0, 1.0})
    t.box({s * (b.half + .06) - .07, low + .02, .75}, {s * (b.half + .06) + .07, low + .16, .95}, color, 0);
  return t.finish();
}

Sprite large_view(int kind, Color color, double angle) {
  const double length = kind == 0 ? 5.6 : kind == 1 ? 9.5 : 7.5, half = kind == 0 ? 1.0 : 1.22;
  const double tall = kind == 0 ? 2.5 : 3.1, h = length / 2;
  Turntable t(kind == 0 ? 56 : 42, angle, length * .6, tall + .4);
  t.board({-half, .15, 0}, {half, .45, 0}, kDark);
  const Point inside{0, 1.4, 0};
  auto front = [&](double z, double x0, double x1, double y0, double y1, Color c, double gloss) {
    t.face({{x0, y0, z}, {x1, y0, z}, {x1, y1, z}, {x0, y1, z}}, {0, 1, 0}, c, gloss, .6);
  };
  auto side = [&](double z0, double z1, double y0, double y1, Color c) {
    for (double s : {-1.0, 1.0})
      t.face({{s * half, y0, z0}, {s * half, y1, z0}, {s * half, y1, z1}, {s * half, y0, z1}}, inside, c, .4,
             .5);
  };
  if (kind == 2) {  // lorry: a cab and a load
    t.box({-half, .9, -h}, {half, tall, h - 2.0}, {205, 205, 200}, .06);
    t.box({-half * .95, .45, h - 1.9}, {half * .95, 2.5, h}, color, .15);
    side(-h + .4, h - 2.6, 1.4, 2.6, scaled(color, 1.2));
    side(h - 1.5, h - .5, 1.5, 2.2, kGlass);
    t.box({-half * .8, .4, -h}, {half * .8, .9, h - 2}, kDark, 0);
  } else {
    t.box({-half, .4, -h}, {half, tall, h}, color, .12);
    if (kind == 1)  // bus
      for (double z = -h + .3; z + 1.3 < h; z += 1.5) side(z, z + 1.3, 1.4, 2.45, kGlass);
    else
      side(h - 1.9, h - .9, 1.35, 2.05, kGlass);
  }
  front(h + .02, -half * .88, half * .88, 1.35, kind == 0 ? 2.15 : 2.4, kSky, .3);
  if (kind != 2) front(-h - .02, -half * .8, half * .8, 1.5, kind == 0 ? 2.1 : 2.4, kGlass, .3);
  add_wheels(t, half, h * .62, kind == 0 ? .36 : .48);
  add_ends(t, half, h, -h, .85);
  return t.finish();
}

template <typename View>
Family all_round(int label, int angles, View view) {
  Family f{.label = label, .angles = angles, .sprites = {}};
  for (int a = 0; a < angles; ++a) f.sprites.push_back(view(a * 2 * std::numbers::pi / angles));
  return f;
}

}  // namespace

Family paint_car(int body, Color color) {
  const Body b = car_body(body);
  return all_round(int(ObjectClass::kVehicle), 24, [&](double angle) { return car_view(b, color, angle); });
}

Family paint_large_vehicle(int body, Color color) {
  return all_round(int(ObjectClass::kVehicle), 24,
                   [&](double angle) { return large_view(body, color, angle); });
}

// What is as large as a vehicle and is none: 0 a skip, 1 a kiosk.
Family paint_container(int design, Color color) {
  return all_round(-1, 24, [&](double angle) {
    Turntable t(56, angle, 2.3, 2.8);
    if (design == 0) {
      t.extrude({zy(-1.4, .1), zy(1.4, .1), zy(1.8, 1.4), zy(-1.8, 1.4)}, .85, .85, color, scaled(color, .5),
                .1);
    } else {
      t.box({-1.1, 0, -1.4}, {1.1, 2.3, 1.4}, color, .1);
      t.box({-1.3, 2.3, -1.6}, {1.3, 2.5, 1.6}, scaled(color, .6), 0);
      t.face({{-1.12, 1.1, -1.1}, {-1.12, 1.9, -1.1}, {-1.12, 1.9, 1.1}, {-1.12, 1.1, 1.1}}, {0, 1, 0},
             kGlass, .3, .5);
      t.face({{1.12, 1.1, -1.1}, {1.12, 1.9, -1.1}, {1.12, 1.9, 1.1}, {1.12, 1.1, 1.1}}, {0, 1, 0}, kGlass,
             .3, .5);
    }
    return t.finish();
  });
}

}  // namespace turbo::scene
