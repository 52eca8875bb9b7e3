#include "scene/scene.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <string>

#include "scene/backdrop.h"
#include "scene/camera_model.h"
#include "scene/ground.h"
#include "scene/world.h"

namespace turbo {
namespace {

using namespace scene;

constexpr double kMinHeight = 10, kMinWidth = 8;  // pixels of the full frame
constexpr double kMinVisible = .5;                // of the part inside the frame
constexpr double kMinInside = .2;                 // of the whole box
constexpr std::size_t kNoise = 1 << 20;
constexpr double kPi = std::numbers::pi;

struct Placed {
  const Item* item;
  const Sprite* sprite;
  double depth;
  Rect at;
};

CameraModel camera_model(const World& world, double time, int camera) {
  const double yaws[] = {0, -kPi / 4, kPi / 4, -kPi / 2, kPi / 2};
  return {.08 * std::sin(time * .4), world.ego_z(time), yaws[camera - 1],
          500 + std::round(2.5 * std::sin(time * 1.9) + 1.5 * std::sin(time * 4.7))};
}

// Every figure the camera could see, far ones first.
std::vector<Placed> place(const CameraModel& camera, const std::vector<Item>& items) {
  std::vector<Placed> out;
  for (const Item& item : items) {
    const double depth = camera.depth(item.x, item.z);
    if (depth < 2.2 || depth > kRange) continue;
    const double lateral = camera.lateral(item.x, item.z);
    if (std::abs(lateral) > depth * .55 + 6) continue;
    const double angle = std::atan2(item.x - camera.x, item.z - camera.z) - item.heading;
    const Sprite& sprite = item.family->view(angle, item.walked);
    const double k = kFocal / depth / sprite.pixels_per_metre,
                 narrow = item.family->flat ? std::abs(std::cos(angle)) : 1;
    const double x = camera.column(lateral, depth), y = camera.row(item.family->base, depth);
    const Bitmap& full = sprite.levels[0];
    const Rect at{int(std::lround(x - sprite.anchor_x * k * narrow)),
                  int(std::lround(y - sprite.anchor_y * k)),
                  int(std::lround(x + (full.width - sprite.anchor_x) * k * narrow)),
                  int(std::lround(y + (full.height - sprite.anchor_y) * k))};
    if (at.x1 <= 0 || at.x0 >= Scene::kWidth || at.y1 <= 0 || at.y0 >= Scene::kHeight || at.width() < 1 ||
        at.height() < 1)
      continue;
    out.push_back({&item, &sprite, depth, at});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Placed& a, const Placed& b) { return a.depth > b.depth; });
  return out;
}

bool beyond_fronts(const Placed& p) { return p.item->x > kFrontRight || p.item->x < kFrontLeft; }

bool hidden_by_house(const Placed& p, double column, const std::vector<Wall>& walls) {
  double along = 0;
  return std::any_of(walls.begin(), walls.end(), [&](const Wall& w) {
    const double depth = wall_depth(w, column, along);
    return depth > 0 && depth < p.depth;
  });
}

bool is_truth(const Placed& p, const CameraModel& camera) {
  if (p.item->family->label < 0) return false;
  if (!p.item->family->flat) return true;
  return std::cos(std::atan2(p.item->x - camera.x, p.item->z - camera.z) - p.item->heading) > .35;
}

Sprite paint_shadow() {
  Bitmap b{64, 32, std::vector<std::uint8_t>(64 * 32 * 4)};
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 64; ++x) {
      const double r = std::hypot((x - 31.5) / 32, (y - 15.5) / 16);
      b.bgra[std::size_t(y * 64 + x) * 4 + 3] = std::uint8_t(135 * std::clamp((1 - r) * 2.2, 0.0, 1.0));
    }
  return Sprite::from(b, 1, 32, 16, 0);
}

void check_camera(double time, int camera) {
  if (camera < 1 || camera > Scene::kCameras)
    throw std::invalid_argument("scene: there is no camera " + std::to_string(camera) + "; 1 to 5 exist");
  if (!(time >= 0 && time < 1e9)) throw std::invalid_argument("scene: time must be from 0 to 1e9 s");
}

}  // namespace

struct Scene::Impl {
  std::uint64_t seed;
  Palette palette = Palette::drawn(seed);
  Figures figures = paint_figures(seed, palette);
  World world{seed, figures};
  Ground ground{seed, palette};
  Backdrop backdrop{seed, palette};
  Sprite shadow = paint_shadow();
  Blitter blitter;
  std::vector<std::int8_t> noise;

  explicit Impl(std::uint64_t s) : seed(s), noise(kNoise + kWidth * 3) {
    Dice dice(seed, 107);
    for (auto& n : noise)
      n = std::int8_t(std::lround((dice.uniform() + dice.uniform() + dice.uniform() - 1.5) * 4.6));
  }

  void draw_shadow(const CameraModel& camera, const Placed& p, MutableImageView out) {
    if (p.item->family->flat || !p.item->casts_shadow || p.depth > 70) return;
    const double half = std::max(.3, std::min(2.6, p.at.width() * p.depth / kFocal / 2)) *
                        (p.item->family->angles == 1 ? .5 : 1);
    const double x = camera.column(camera.lateral(p.item->x, p.item->z), p.depth),
                 wide = half * 1.08 * kFocal / p.depth;
    const double deep = p.item->family->label == int(ObjectClass::kVehicle) ? 1.1 : std::min(half, .5);
    const double far = camera.row(0, p.depth + deep), near = camera.row(0, std::max(1.5, p.depth - deep));
    blitter.draw(shadow, {int(x - wide), int(far), int(x + wide), int(near) + 1}, 0, {}, out);
  }

  void draw(const Placed& p, MutableImageView out) {
    blitter.draw(*p.sprite, p.at, palette.haze(p.depth), palette.horizon, out);
  }

  void add_noise(double time, int camera, MutableImageView out) {
    Dice dice(seed, std::int64_t(time * 1000), camera);
    for (int v = 0; v < out.height; ++v) {
      const std::int8_t* n = noise.data() + dice.next() % kNoise;
      std::uint8_t* d = out.pixels + std::size_t(v) * out.stride_bytes;
      for (int i = 0; i < kWidth * 3; ++i) {
        const int sum = d[i] + n[i];
        d[i] = std::uint8_t(sum < 0 ? 0 : sum > 255 ? 255 : sum);
      }
    }
  }
};

Scene::Scene(std::uint64_t seed) : impl_(std::make_unique<Impl>(seed)) {}
Scene::~Scene() = default;
Scene::Scene(Scene&&) noexcept = default;

void Scene::render(double time, int camera, MutableImageView out) {
  check_camera(time, camera);
  if (out.pixels == nullptr || out.height != kHeight || out.width != kWidth || out.stride_bytes < kWidth * 3)
    throw std::invalid_argument("scene: a frame is 1080 x 1920, 3 bytes a pixel");
  Impl& s = *impl_;
  const CameraModel model = camera_model(s.world, time, camera);
  s.backdrop.draw_sky(model, camera - 1, out);
  s.ground.draw(model, out);
  const auto items = s.world.items(time);
  const auto placed = place(model, items);
  const auto walls = seen_walls(model, s.world.buildings(time));
  // Between the house fronts nothing is hidden by a house; in a crossing street, by those nearer along the
  // street.
  std::vector<Placed> beyond;
  std::copy_if(placed.begin(), placed.end(), std::back_inserter(beyond), beyond_fronts);
  auto away = [&](const Placed& p) { return std::abs(p.item->z - model.z); };
  std::stable_sort(beyond.begin(), beyond.end(), [&](const Placed& a, const Placed& b) {
    return std::floor(away(a) / kCrossing) > std::floor(away(b) / kCrossing);
  });
  std::size_t w = 0;
  for (const Placed& p : beyond) {
    for (; w < walls.size() && walls[w].away > away(p); ++w) s.backdrop.draw_wall(model, walls[w], out);
    s.draw(p, out);
  }
  for (; w < walls.size(); ++w) s.backdrop.draw_wall(model, walls[w], out);
  for (const Placed& p : placed)
    if (!beyond_fronts(p)) s.draw_shadow(model, p, out);
  for (const Placed& p : placed)
    if (!beyond_fronts(p)) s.draw(p, out);
  s.add_noise(time, camera, out);
}

std::vector<TruthBox> Scene::truth(double time, int camera, int height, int width) const {
  check_camera(time, camera);
  const Impl& s = *impl_;
  const CameraModel model = camera_model(s.world, time, camera);
  const auto items = s.world.items(time);
  const auto placed = place(model, items);
  const auto walls = seen_walls(model, s.world.buildings(time));
  std::vector<TruthBox> out;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const Placed& p = placed[i];
    if (!is_truth(p, model)) continue;
    const Rect in{std::max(p.at.x0, 0), std::max(p.at.y0, 0), std::min(p.at.x1, kWidth),
                  std::min(p.at.y1, kHeight)};
    if (in.height() < kMinHeight || in.width() < kMinWidth) continue;
    if (double(in.width()) * in.height() < kMinInside * p.at.width() * p.at.height()) continue;
    int own = 0, seen = 0;
    for (int gy = 0; gy < 8; ++gy)
      for (int gx = 0; gx < 8; ++gx) {
        const double x = in.x0 + (gx + .5) * in.width() / 8, y = in.y0 + (gy + .5) * in.height() / 8;
        auto covers = [&](const Placed& q) {
          return x >= q.at.x0 && x < q.at.x1 && y >= q.at.y0 && y < q.at.y1 &&
                 opacity(*q.sprite, (x - q.at.x0) / q.at.width(), (y - q.at.y0) / q.at.height()) > 110;
        };
        if (!covers(p)) continue;
        ++own;
        if (beyond_fronts(p) && hidden_by_house(p, x, walls)) continue;
        seen += std::none_of(placed.begin() + std::ptrdiff_t(i) + 1, placed.end(), covers);
      }
    if (own == 0 || seen < kMinVisible * own) continue;
    const float kx = float(width) / kWidth, ky = float(height) / kHeight;
    out.push_back({{float(in.x0) * kx, float(in.y0) * ky, float(in.x1) * kx, float(in.y1) * ky},
                   p.item->family->label});
  }
  return out;
}

}  // namespace turbo
