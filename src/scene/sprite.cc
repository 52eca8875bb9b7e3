#include "scene/sprite.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace turbo::scene {
namespace {

cv::Mat as_mat(const Bitmap& b) {
  return {b.height, b.width, CV_8UC4, const_cast<std::uint8_t*>(b.bgra.data())};
}

Bitmap as_bitmap(const cv::Mat& m) {
  Bitmap b{m.cols, m.rows, std::vector<std::uint8_t>(m.total() * 4)};
  m.copyTo(as_mat(b));
  return b;
}

}  // namespace

Sprite Sprite::from(const Bitmap& painted, double pixels_per_metre, double anchor_x, double anchor_y,
                    int faintest) {
  cv::Mat alpha;
  cv::extractChannel(as_mat(painted), alpha, 3);
  cv::Rect tight = cv::boundingRect(alpha > faintest);
  if (tight.empty()) tight = {0, 0, 1, 1};
  Sprite sprite{{}, pixels_per_metre, anchor_x - tight.x, anchor_y - tight.y};
  cv::Mat level = as_mat(painted)(tight).clone();
  while (true) {
    sprite.levels.push_back(as_bitmap(level));
    if (std::max(level.cols, level.rows) <= 8) return sprite;
    cv::Mat half;
    cv::resize(level, half, {std::max(1, (level.cols + 1) / 2), std::max(1, (level.rows + 1) / 2)}, 0, 0,
               cv::INTER_AREA);
    level = half;
  }
}

void Blitter::draw(const Sprite& sprite, const Rect& at, int haze, Color haze_color, MutableImageView out) {
  const Rect seen{std::max(at.x0, 0), std::max(at.y0, 0), std::min(at.x1, out.width),
                  std::min(at.y1, out.height)};
  if (seen.width() <= 0 || seen.height() <= 0) return;
  std::size_t l = 0;
  while (l + 1 < sprite.levels.size() && sprite.levels[l + 1].height >= at.height()) ++l;
  const Bitmap& level = sprite.levels[l];
  const cv::Mat source = as_mat(level);

  // Only the part of the source that is seen is stretched.
  const double kx = double(level.width) / at.width(), ky = double(level.height) / at.height();
  const int sx0 = std::clamp(int((seen.x0 - at.x0) * kx), 0, level.width - 1);
  const int sy0 = std::clamp(int((seen.y0 - at.y0) * ky), 0, level.height - 1);
  const int sx1 = std::clamp(int(std::ceil((seen.x1 - at.x0) * kx)), sx0 + 1, level.width);
  const int sy1 = std::clamp(int(std::ceil((seen.y1 - at.y0) * ky)), sy0 + 1, level.height);
  stretched_.resize(std::size_t(seen.width()) * std::size_t(seen.height()) * 4);
  cv::Mat stretched(seen.height(), seen.width(), CV_8UC4, stretched_.data());
  cv::resize(source(cv::Rect(sx0, sy0, sx1 - sx0, sy1 - sy0)), stretched, stretched.size(), 0, 0,
             cv::INTER_LINEAR);

  const int clear = 256 - haze;
  const int hb = haze_color.b * haze, hg = haze_color.g * haze, hr = haze_color.r * haze;
  for (int y = 0; y < seen.height(); ++y) {
    const std::uint8_t* s = stretched_.data() + std::size_t(y) * std::size_t(seen.width()) * 4;
    std::uint8_t* d = out.pixels + std::size_t(seen.y0 + y) * out.stride_bytes + std::size_t(seen.x0) * 3;
    for (int x = 0; x < seen.width(); ++x, s += 4, d += 3) {
      const int a = s[3];
      if (a == 0) continue;
      const int own = a + (a >> 7), rest = 256 - own;  // of 256 parts
      d[0] = std::uint8_t((s[0] * clear + (hb * own >> 8) + d[0] * rest) >> 8);
      d[1] = std::uint8_t((s[1] * clear + (hg * own >> 8) + d[1] * rest) >> 8);
      d[2] = std::uint8_t((s[2] * clear + (hr * own >> 8) + d[2] * rest) >> 8);
    }
  }
}

int opacity(const Sprite& sprite, double across, double down) {
  std::size_t l = sprite.levels.size() - 1;
  while (l > 0 && sprite.levels[l].height < 24) --l;
  const Bitmap& level = sprite.levels[l];
  const int x = std::clamp(int(across * level.width), 0, level.width - 1);
  const int y = std::clamp(int(down * level.height), 0, level.height - 1);
  return level.bgra[(std::size_t(y) * std::size_t(level.width) + std::size_t(x)) * 4 + 3];
}

}  // namespace turbo::scene
