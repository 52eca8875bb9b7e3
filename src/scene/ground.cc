#include "scene/ground.h"

#include <algorithm>
#include <bit>
#include <opencv2/imgproc.hpp>

#include "scene/world.h"

namespace turbo::scene {
namespace {

constexpr double kTexel = 0.05;            // metres
constexpr int kLong = 2048, kWide = 1024;  // texels along z (one block) and x
constexpr double kLeft = -33;              // x of column 0

int col(double x) { return int(std::lround((x - kLeft) / kTexel)); }
int row(double z) { return int(std::lround(z / kTexel)); }

void band(cv::Mat& m, double x0, double x1, double z0, double z1, Color c) {
  cv::rectangle(m, {col(x0), row(z0)}, {col(x1) - 1, row(z1) - 1}, cv::Scalar(c.b, c.g, c.r), cv::FILLED);
}

// Rough stone: several grains of noise.
void grain(cv::Mat& m, std::uint64_t seed, double coarse, double fine) {
  cv::RNG rng(seed * 2654435761u + 7);
  cv::Mat sum = cv::Mat::zeros(m.size(), CV_32F);
  for (int step : {1, 3, 12, 60}) {
    cv::Mat small(m.rows / step + 1, m.cols / step + 1, CV_32F), large;
    rng.fill(small, cv::RNG::NORMAL, 0, step == 1 ? fine : coarse);
    cv::resize(small, large, m.size(), 0, 0, cv::INTER_CUBIC);
    sum += large;
  }
  cv::Mat three, wide;
  cv::merge(std::vector<cv::Mat>{sum, sum, sum}, three);
  m.convertTo(wide, CV_32F);
  wide += three;
  wide.convertTo(m, CV_8U);
}

void paving(cv::Mat& m, double x0, double x1, double z0, double z1, Dice& dice) {
  band(m, x0, x1, z0, z1, {142, 148, 152});
  for (double z = z0; z < z1; z += 1.0)
    for (double x = x0; x < x1; x += 1.0) {
      const int k = dice.below(18) - 9;
      band(m, x + .05, std::min(x + 1, x1), z + .05, std::min(z + 1, z1), {150 + k, 157 + k, 162 + k});
    }
}

void markings(cv::Mat& m) {
  const Color white{215, 220, 222}, yellow{70, 185, 225};
  const double begin = kCrossing + 5, end = kBlock - 4.5;
  for (double x : {2.0, -12.8}) band(m, x - .06, x + .06, begin, end, white);  // cycle lanes' edges
  for (double x : {-5.35, -5.6}) band(m, x - .06, x + .06, begin, end, yellow);
  for (double x : {-1.75, -9.05})
    for (double z = begin; z + 3 < end; z += 6.5) band(m, x - .07, x + .07, z, z + 3, white);
  band(m, -5.2, 1.9, end, end + .5, white);  // stop lines
  band(m, -12.6, -5.8, begin - .5, begin, white);
  for (double z : {kCrossing + .7, kBlock - 3.7})  // zebra crossings
    for (double x = kCurbLeft + .4; x < kCurbRight - .5; x += 1.1) band(m, x, x + .55, z, z + 3, white);
  for (double z = begin + 2; z < end - 4; z += 6.6) {  // parking bays
    band(m, 3.7, kCurbRight, z, z + .1, white);
    band(m, kCurbLeft, -15, z, z + .1, white);
  }
}

cv::Mat paint_block(std::uint64_t seed) {
  Dice dice(seed, 102);
  cv::Mat m(kLong, kWide, CV_8UC3, cv::Scalar(96, 96, 94));
  for (int i = 0; i < 40; ++i) {  // mended patches
    const double x = dice.uniform(-33, 15), z = dice.uniform(0, 95), k = dice.uniform(-14, 10);
    band(m, x, x + dice.uniform(.6, 3), z, z + dice.uniform(.6, 6), {int(96 + k), int(96 + k), int(94 + k)});
  }
  band(m, 2.0, 3.6, kCrossing + 5, kBlock - 4.5, {92, 92, 128});
  band(m, -14.6, -12.8, kCrossing + 5, kBlock - 4.5, {92, 92, 128});
  for (double x : {0.0, -3.5, -7.3, -10.8})  // oil and tyres
    for (double off : {-.75, .75}) {
      cv::Mat strip = m(cv::Rect(col(x + off) - 5, 0, 10, kLong));
      strip -= cv::Scalar(7, 7, 7);
    }
  paving(m, kCurbRight, 18.2, kCrossing, kBlock, dice);
  paving(m, -33, kCurbLeft, kCrossing, kBlock, dice);
  for (auto [a, b] : {std::pair{kCurbRight, kCurbRight + .2}, {kCurbLeft - .2, kCurbLeft}})
    band(m, a, b, kCrossing, kBlock, {178, 182, 184});
  for (double z : {kCrossing, kBlock - .2}) {
    band(m, kCurbRight, 18.2, z, z + .2, {178, 182, 184});
    band(m, -33, kCurbLeft, z, z + .2, {178, 182, 184});
  }
  for (auto [a, b] : {std::pair{kFrontRight - .2, 18.2}, {-33.0, kFrontLeft + .2}})  // yards and lawns
    for (double z = kCrossing + 2; z < kBlock - 8; z += 20) band(m, a, b, z, z + 12, {60, 105, 80});
  markings(m);
  for (int i = 0; i < 14; ++i)
    cv::circle(m, {col(dice.uniform(-16, 5)), row(dice.uniform(0, 100))}, 7, cv::Scalar(62, 64, 66),
               cv::FILLED, cv::LINE_AA);
  cv::GaussianBlur(m, m, {3, 3}, .6);
  for (int i = 0; i < 60; ++i) {  // cracks
    cv::Point p{dice.below(kWide), dice.below(kLong)};
    for (int k = 0; k < 12; ++k) {
      const cv::Point q = p + cv::Point(dice.below(21) - 10, dice.below(31) - 12);
      cv::line(m, p, q, cv::Scalar(72, 72, 72), 1, cv::LINE_AA);
      p = q;
    }
  }
  grain(m, seed, 2.6, 6.5);
  return m;
}

}  // namespace

Ground::Ground(std::uint64_t seed, const Palette& palette) : palette_(palette) {
  cv::Mat level = paint_block(seed);
  for (int shift = 0; shift <= 6; ++shift) {
    Level l{level.cols, level.rows, shift, std::vector<std::uint32_t>(level.total())};
    for (int z = 0; z < level.rows; ++z)
      for (int x = 0; x < level.cols; ++x) {
        const cv::Vec3b p = level.at<cv::Vec3b>(z, x);
        const Color c = palette.lit({p[0], p[1], p[2]});
        l.texels[std::size_t(z) * std::size_t(level.cols) + std::size_t(x)] =
            std::uint32_t(c.b | c.g << 8 | c.r << 16);
      }
    levels_.push_back(std::move(l));
    cv::Mat half;
    cv::resize(level, half, {level.cols / 2, level.rows / 2}, 0, 0, cv::INTER_AREA);
    level = half;
  }
  // Texels nearer than a pixel's size are spread at random, so that they show as grain and not as squares.
  Dice dice(seed, 103);
  for (int i = 0; i < 8192; ++i) jitter_.push_back(std::uint32_t(dice.next()));
}

void Ground::draw(const CameraModel& camera, MutableImageView out) const {
  const double sine = std::sin(camera.yaw), cosine = std::cos(camera.yaw);
  const Color haze = palette_.horizon;
  for (int v = std::max(0, int(camera.horizon) + 2); v < out.height; ++v) {
    const double depth = kFocal * kMastHeight / (v + .5 - camera.horizon);
    const double across = depth / kFocal, along = depth * across / kMastHeight;  // metres a pixel, a row
    const double texels = std::max(across, .4 * along) / kTexel;
    const int shift =
        std::clamp(int(std::lround(std::log2(std::max(1.0, texels)))), 0, int(levels_.size()) - 1);
    const Level& level = levels_[std::size_t(shift)];
    const double unit = 65536 / (kTexel * (1 << shift));
    const double x = camera.x + depth * sine - kCenterX * across * cosine - kLeft;
    const double z = std::fmod(camera.z, kBlock) + depth * cosine + kCenterX * across * sine;
    // 16 bits of fraction; z may run over, for 2^16 texels are a whole number of blocks.
    auto fx = std::int32_t(x * unit);
    auto fz = std::uint32_t(std::int64_t((z + 64 * kBlock) * unit));
    const auto dx = std::int32_t(across * cosine * unit);
    const auto dz = std::uint32_t(std::int32_t(-across * sine * unit));
    const std::int32_t last = level.width - 1;
    const std::uint32_t mask = std::uint32_t(level.height - 1);
    const int wide_bits = std::countr_zero(std::uint32_t(level.width));
    const std::uint32_t* texels_at = level.texels.data();
    const std::uint32_t h = std::uint32_t(palette_.haze(depth)), clear = 256 - h;
    const std::uint32_t haze_rb = std::uint32_t(haze.b | haze.r << 16) * h,
                        haze_g = std::uint32_t(haze.g << 8) * h;
    const int spread = across / kTexel < .5 && shift == 0 ? 0 : 1;  // magnified: 1 texel; else half of it
    const std::uint32_t* jitter = &jitter_[std::size_t(v * 1237 % 4096)];
    std::uint8_t* d = out.pixels + std::size_t(v) * out.stride_bytes;
    auto color = [&](int u) {
      const std::uint32_t j = jitter[u];
      const std::int32_t tx = std::clamp((fx + std::int32_t((j & 0xffff) >> spread)) >> 16, 0, last);
      const std::uint32_t tz = ((fz + ((j >> 16) >> spread)) >> 16) & mask;
      fx += dx, fz += dz;
      return mix(texels_at[(tz << wide_bits) + std::uint32_t(tx)], clear, haze_rb, haze_g);
    };
    for (int u = 0; u + 1 < out.width; ++u, d += 3) put4(d, color(u));
    put3(d, color(out.width - 1));
  }
}

}  // namespace turbo::scene
