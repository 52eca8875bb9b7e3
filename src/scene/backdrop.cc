#include "scene/backdrop.h"

#include <algorithm>
#include <cstring>
#include <opencv2/imgproc.hpp>

namespace turbo::scene {
namespace {

constexpr int kAlong = 512, kUp = 1024;  // texels of a facade
constexpr double kTexel = 1.0 / 32;      // metres: 16 along, 32 up
constexpr int kFacades = 6, kSkyRows = 540, kSkyBelow = 40;

struct Strip {
  static constexpr int kColumns = 8;
  Backdrop::Column columns[kColumns];
  int count = 0;

  void add(const Backdrop::Column& c) { columns[count++] = c; }

  static std::uint32_t next(Backdrop::Column& c, int v) {
    const int row = std::clamp((c.place + std::int32_t(c.jitter[v] >> 17)) >> 16, 0, c.last);
    c.place -= c.step;
    return mix(c.texels[row], c.clear, c.haze_rb, c.haze_g);
  }

  void draw(int u, const MutableImageView& out) {
    int first = out.height, last = 0, full_first = 0, full_last = out.height;
    for (int k = 0; k < count; ++k) {
      first = std::min(first, columns[k].top), last = std::max(last, columns[k].bottom);
      full_first = std::max(full_first, columns[k].top), full_last = std::min(full_last, columns[k].bottom);
    }
    for (int v = first; v < last; ++v) {
      std::uint8_t* d = out.pixels + std::size_t(v) * out.stride_bytes + std::size_t(u) * 3;
      if (count == kColumns && v >= full_first && v < full_last) {
        for (int k = 0; k + 1 < kColumns; ++k) put4(d + k * 3, next(columns[k], v));
        put3(d + (kColumns - 1) * 3, next(columns[kColumns - 1], v));
      } else {
        for (int k = 0; k < count; ++k)
          if (v >= columns[k].top && v < columns[k].bottom) put3(d + k * 3, next(columns[k], v));
      }
    }
  }
};

void rectangle(cv::Mat& m, double x0, double y0, double x1, double y1,
               Color c) {  // metres; row 0 is the ground
  cv::rectangle(m, {int(x0 / kTexel), int(y0 / kTexel)}, {int(x1 / kTexel) - 1, int(y1 / kTexel) - 1},
                cv::Scalar(c.b, c.g, c.r), cv::FILLED);
}

void bricks(cv::Mat& m, Dice& dice, double contrast) {
  for (int y = 0; y < m.rows; y += 5)
    for (int x = (y / 5 % 2) * 5; x < m.cols; x += 10) {
      const double k = dice.uniform(-contrast, contrast);
      m(cv::Rect(x, y, std::min(9, m.cols - x), std::min(4, m.rows - y))) += cv::Scalar(k, k, k);
    }
}

cv::Mat paint_facade(std::uint64_t seed, int design) {
  Dice dice(seed, 104, design);
  const Color walls[] = {{85, 100, 150},  {160, 185, 200}, {150, 160, 165},
                         {120, 150, 185}, {95, 90, 88},    {175, 175, 165}};
  const Color wall = scaled(walls[design], dice.uniform(.85, 1.1));
  cv::Mat m(kUp, kAlong, CV_8UC3, cv::Scalar(wall.b, wall.g, wall.r));
  if (design % 2 == 0) bricks(m, dice, 14);
  const double pitch = design == 4       ? 2.0
                       : design % 3 == 0 ? 3.2
                                         : 4.0,
               wide = pitch * dice.uniform(.4, .62), storey = 3.2;
  for (double y = 4.4; y < 31; y += storey) {
    rectangle(m, 0, y - .75, 16, y - .55, scaled(wall, .82));
    for (double x = (pitch - wide) / 2; x + wide < 16.01; x += pitch) {
      const double h = design == 4 ? 2.1 : 1.7;
      const double shine = dice.uniform(.5, 1.3);
      rectangle(m, x - .12, y - .12, x + wide + .12, y + h + .12,
                design % 2 ? Color{215, 218, 220} : scaled(wall, .7));
      rectangle(m, x, y, x + wide, y + h, scaled({110, 88, 70}, shine));
      rectangle(m, x, y + h * .55, x + wide, y + h, scaled({150, 125, 105}, shine));
      if (dice.chance(.3)) rectangle(m, x, y + h * .2, x + wide * .45, y + h, {190, 200, 205});  // a curtain
      rectangle(m, x + wide / 2 - .04, y, x + wide / 2 + .04, y + h, {200, 205, 208});
    }
  }
  rectangle(m, 0, 0, 16, .5, scaled(wall, .6));
  for (double x = .4; x < 15; x += 5.2) {  // shops and doors
    const Color frame{30 + dice.below(120), 30 + dice.below(120), 30 + dice.below(120)};
    const Color sign{30 + dice.below(200), 30 + dice.below(200), 30 + dice.below(200)};
    rectangle(m, x, .2, x + 4.6, 3.4, frame);
    rectangle(m, x + .2, .6, x + 3.2, 2.6, {105, 95, 85});
    for (int i = 0; i < 7; ++i) {
      const double a = x + .3 + dice.uniform(0, 2.4), b = .6 + dice.uniform(0, 1.2);
      rectangle(m, a, b, a + dice.uniform(.2, .5), b + dice.uniform(.3, .8),
                {40 + dice.below(190), 40 + dice.below(190), 40 + dice.below(190)});
    }
    rectangle(m, x + 3.4, .2, x + 4.4, 2.5, scaled(frame, 1.6));
    rectangle(m, x + .1, 2.8, x + 4.5, 3.3, sign);
    for (double a = x + .6; a < x + 3.6; a += .4)
      if (dice.chance(.8)) rectangle(m, a, 2.92, a + .22, 3.18, scaled(sign, 2.2));
  }
  cv::Mat noise(m.size(), CV_8UC3), wide_m;
  cv::RNG rng(seed + std::uint64_t(design) + 11);
  rng.fill(noise, cv::RNG::NORMAL, 128, 7);
  m.convertTo(wide_m, CV_16SC3);
  cv::Mat wide_n;
  noise.convertTo(wide_n, CV_16SC3);
  wide_m += wide_n;
  wide_m -= cv::Scalar(128, 128, 128);
  wide_m.convertTo(m, CV_8UC3);
  return m;
}

cv::Mat paint_sky(std::uint64_t seed, int view, const Palette& p) {
  cv::Mat sky(kSkyRows + kSkyBelow, 1920, CV_32FC3);
  for (int v = 0; v < sky.rows; ++v) {
    const double k = std::pow(std::min(1.0, double(v) / kSkyRows), 1.3);
    sky.row(v).setTo(cv::Scalar(p.zenith.b + (p.horizon.b - p.zenith.b) * k,
                                p.zenith.g + (p.horizon.g - p.zenith.g) * k,
                                p.zenith.r + (p.horizon.r - p.zenith.r) * k));
  }
  cv::RNG rng(seed * 31 + std::uint64_t(view));
  cv::Mat cloud = cv::Mat::zeros(sky.size(), CV_32F);
  double weight = .5;
  for (int step : {420, 200, 90, 40, 18, 7}) {
    cv::Mat small(sky.rows * 3 / step + 2, 1920 / step + 2, CV_32F), large;
    rng.fill(small, cv::RNG::UNIFORM, 0, 1);
    cv::resize(small, large, sky.size(), 0, 0, cv::INTER_CUBIC);
    cloud += large * weight;
    weight *= .55;
  }
  for (int v = 0; v < sky.rows; ++v)
    for (int u = 0; u < sky.cols; ++u) {
      const double a = std::clamp((cloud.at<float>(v, u) - (.82 - .5 * p.cloudiness)) * 2.2, 0.0, .9);
      auto& c = sky.at<cv::Vec3f>(v, u);
      c = c * float(1 - a) + cv::Vec3f(float(p.cloud.b), float(p.cloud.g), float(p.cloud.r)) * float(a);
    }
  Dice dice(seed, 105, view);
  for (int layer = 0; layer < 3; ++layer) {  // hills and far roofs
    const double haze = .75 - .15 * layer, tall = 62 - 18 * layer;
    const Color c = layer == 0 ? Color{150, 140, 120} : Color{105, 110, 105};
    std::vector<cv::Point> outline{{0, sky.rows}};
    for (int u = 0; u <= 1920;) {
      const int wide = layer == 0 ? 30 : 20 + dice.below(50);
      const int up = layer == 0 ? int(tall * (.6 + .4 * std::sin(u * .004 + double(seed % 7))))
                                : int(tall * dice.uniform(.4, 1.3));
      outline.push_back({u, kSkyRows - up});
      if (layer > 0) outline.push_back({u + wide, kSkyRows - up});
      u += wide;
    }
    outline.push_back({1920, sky.rows});
    const cv::Scalar mixed(c.b + (p.horizon.b - c.b) * haze, c.g + (p.horizon.g - c.g) * haze,
                           c.r + (p.horizon.r - c.r) * haze);
    cv::fillPoly(sky, std::vector<std::vector<cv::Point>>{outline}, mixed);
  }
  cv::Mat out;
  sky.convertTo(out, CV_8U);
  return out;
}

}  // namespace

std::vector<Wall> seen_walls(const CameraModel& camera, const std::vector<Building>& buildings) {
  std::vector<Wall> walls;
  auto add = [&](double xa, double za, double xb, double zb, const Building& b, double shade, double base) {
    const double da = camera.depth(xa, za), db = camera.depth(xb, zb);
    if (std::max(da, db) < kNear) return;
    const double la = camera.lateral(xa, za), lb = camera.lateral(xb, zb);
    const double edge = kCenterX / kFocal;  // outside the view on one side altogether
    if ((la > edge * da && lb > edge * db) || (la < -edge * da && lb < -edge * db)) return;
    walls.push_back({la, da, lb, db, std::hypot(xb - xa, zb - za), base, b.height, b.facade, shade,
                     std::abs((b.z0 + b.z1) / 2 - camera.z)});
  };
  // The end of a house at `z`: where another one adjoins, only what stands out beside or above that one.
  auto add_end = [&](const Building& b, double z, const Building* next, double shade) {
    const bool adjoins = next != nullptr && (next->front_x > 0) == (b.front_x > 0);
    if (!adjoins) return add(b.front_x, z, b.back_x, z, b, shade, 0);
    if (std::abs(next->front_x) > std::abs(b.front_x)) add(b.front_x, z, next->front_x, z, b, shade, 0);
    if (next->height < b.height) add(b.front_x, z, b.back_x, z, b, shade, next->height);
  };
  for (std::size_t i = 0; i < buildings.size(); ++i) {
    const Building& b = buildings[i];
    const Building* before = i > 0 && buildings[i - 1].z1 == b.z0 ? &buildings[i - 1] : nullptr;
    const Building* after =
        i + 1 < buildings.size() && buildings[i + 1].z0 == b.z1 ? &buildings[i + 1] : nullptr;
    if ((b.front_x > camera.x) == (b.back_x > b.front_x))
      add(b.front_x, b.z0, b.front_x, b.z1, b, b.front_x > 0 ? 1.0 : .86, 0);
    if (camera.z < b.z0) add_end(b, b.z0, before, .74);
    if (camera.z > b.z1) add_end(b, b.z1, after, .66);
  }
  std::stable_sort(walls.begin(), walls.end(), [](const Wall& a, const Wall& b) { return a.away > b.away; });
  return walls;
}

double wall_depth(const Wall& w, double column, double& along) {
  const double k = (column - kCenterX) / kFocal;
  const double below = (w.lateral1 - w.lateral0) - k * (w.depth1 - w.depth0);
  if (std::abs(below) < 1e-9) return 0;
  const double a = (k * w.depth0 - w.lateral0) / below;
  if (a < 0 || a > 1) return 0;
  const double depth = w.depth0 + a * (w.depth1 - w.depth0);
  along = a * w.length;
  return depth < kNear ? 0 : depth;
}

Backdrop::Backdrop(std::uint64_t seed, const Palette& palette) : seed_(seed), palette_(palette) {
  for (int design = 0; design < kFacades; ++design) {
    cv::Mat level = paint_facade(seed, design);
    Facade facade;
    for (int shift = 0; shift <= 5; ++shift) {
      std::vector<std::uint32_t> texels;
      texels.reserve(level.total());
      for (int x = 0; x < level.cols; ++x)
        for (int y = 0; y < level.rows; ++y) {
          const cv::Vec3b p = level.at<cv::Vec3b>(y, x);
          const Color c = palette.lit({p[0], p[1], p[2]});
          texels.push_back(std::uint32_t(c.b | c.g << 8 | c.r << 16));
        }
      facade.levels.push_back(std::move(texels));
      cv::Mat half;
      cv::resize(level, half, {level.cols / 2, level.rows / 2}, 0, 0, cv::INTER_AREA);
      level = half;
    }
    facades_.push_back(std::move(facade));
  }
  Dice dice(seed, 106);
  for (int i = 0; i < 4096; ++i) jitter_.push_back(std::uint32_t(dice.next()));
}

void Backdrop::draw_sky(const CameraModel& camera, int view, MutableImageView out) {
  auto& sky = skies_[std::size_t(view)];
  const std::size_t row_bytes = 1920 * 3;
  if (sky.empty()) {
    const cv::Mat painted = paint_sky(seed_, view, palette_);
    sky.assign(painted.data, painted.data + painted.total() * 3);
  }
  const int shift = kSkyRows - int(std::lround(camera.horizon));
  for (int v = 0; v < int(camera.horizon) + 3; ++v)
    std::memcpy(out.pixels + std::size_t(v) * out.stride_bytes,
                sky.data() + std::size_t(std::clamp(v + shift, 0, kSkyRows + kSkyBelow - 1)) * row_bytes,
                row_bytes);
}

Backdrop::Column Backdrop::column(const CameraModel& camera, const Wall& wall, int u,
                                  const MutableImageView& out) const {
  const Facade& facade = facades_[std::size_t(wall.facade)];
  double along = 0;
  const double depth = wall_depth(wall, u + .5, along);
  if (depth <= 0) return {};
  Column c;
  c.top = std::clamp(int(std::ceil(camera.row(wall.height, depth) - .5)), 0, out.height);
  c.bottom = std::clamp(int(std::ceil(camera.row(wall.base, depth) - .5)), 0, out.height);
  const double metres = depth / kFocal;
  const int shift = std::clamp(int(std::lround(std::log2(std::max(1.0, metres / kTexel)))), 0,
                               int(facade.levels.size()) - 1);
  const int up = kUp >> shift, wide = kAlong >> shift;
  const double unit = 1 / (kTexel * (1 << shift));
  c.jitter = &jitter_[std::size_t(u * 769 % 2048)];
  const int s = int(along * unit + (c.jitter[0] & 0xff) / 256.0) & (wide - 1);
  c.texels = facade.levels[std::size_t(shift)].data() + std::size_t(s) * std::size_t(up);
  c.last = up - 1;
  c.place = std::int32_t((kMastHeight - (c.top + .5 - camera.horizon) * metres) * unit * 65536);
  c.step = std::int32_t(metres * unit * 65536);
  const auto h = std::uint32_t(palette_.haze(depth));
  c.clear = std::uint32_t((256 - h) * wall.shade);
  c.haze_rb = std::uint32_t(palette_.horizon.b | palette_.horizon.r << 16) * h;
  c.haze_g = std::uint32_t(palette_.horizon.g << 8) * h;
  return c;
}

void Backdrop::draw_wall(const CameraModel& camera, const Wall& wall, MutableImageView out) const {
  auto edge = [&](double lateral, double depth, double other_l, double other_d) {
    if (depth < kNear) {  // cut at the near plane
      const double a = (kNear - depth) / (other_d - depth);
      lateral += a * (other_l - lateral), depth = kNear;
    }
    return camera.column(lateral, depth);
  };
  const double e0 = edge(wall.lateral0, wall.depth0, wall.lateral1, wall.depth1);
  const double e1 = edge(wall.lateral1, wall.depth1, wall.lateral0, wall.depth0);
  const int first = std::clamp(int(std::ceil(std::min(e0, e1) - .5)), 0, out.width);
  const int last = std::clamp(int(std::ceil(std::max(e0, e1) - .5)), 0, out.width);
  // Eight columns side by side, so that a line of the frame is fetched once for them.
  for (int u = first; u < last; u += Strip::kColumns) {
    Strip strip;
    for (int k = u; k < std::min(u + Strip::kColumns, last); ++k) strip.add(column(camera, wall, k, out));
    strip.draw(u, out);
  }
}

}  // namespace turbo::scene
