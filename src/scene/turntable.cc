#include "scene/turntable.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace turbo::scene {
namespace {

constexpr int kOver = 2;  // painted this much larger, then averaged
constexpr double kElevation = 0.09;

Point minus(Point a, Point b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
Point cross(Point a, Point b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
double dot(Point a, Point b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
Point unit(Point a) {
  const double n = std::sqrt(dot(a, a));
  return n > 1e-9 ? Point{a.x / n, a.y / n, a.z / n} : Point{0, 1, 0};
}
cv::Scalar paint(Color c) { return {double(c.b), double(c.g), double(c.r), 255}; }

// The part of a polygon above a row.
std::vector<cv::Point> above(const std::vector<cv::Point>& polygon, int row) {
  std::vector<cv::Point> out;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const cv::Point &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    if (a.y <= row) out.push_back(a);
    if ((a.y <= row) != (b.y <= row))
      out.push_back({a.x + int(double(b.x - a.x) * (row - a.y) / (b.y - a.y)), row});
  }
  return out;
}

enum class Kind { kPolygon, kLimb, kBall };

struct Shape {
  Kind kind;
  std::vector<cv::Point> points;  // 1/16 pixel
  double depth;
  double radius;
  Color color;
  double gloss;
};

}  // namespace

struct Turntable::Impl {
  double scale, sine, cosine, width, height, ground;
  std::vector<Shape> shapes;

  Point view(Point p) const {  // right, up, away
    const double right = p.x * cosine - p.z * sine, away = p.x * sine + p.z * cosine;
    return {right, p.y * std::cos(kElevation) + away * std::sin(kElevation),
            away * std::cos(kElevation) - p.y * std::sin(kElevation)};
  }
  cv::Point pixel(Point viewed) const {
    return {int(std::lround((width / 2 + viewed.x * scale) * 16)),
            int(std::lround((ground - viewed.y * scale) * 16))};
  }
  void polygon(const std::vector<Point>& corners, Color color, double gloss, double nearer) {
    Shape s{Kind::kPolygon, {}, 0, 0, color, gloss};
    for (const Point& p : corners) {
      const Point v = view(p);
      s.points.push_back(pixel(v));
      s.depth += v.z / double(corners.size());
    }
    s.depth -= nearer;
    shapes.push_back(std::move(s));
  }
};

Turntable::Turntable(double pixels_per_metre, double angle, double reach, double tall)
    : impl_(std::make_unique<Impl>()) {
  impl_->scale = pixels_per_metre * kOver;
  impl_->sine = std::sin(angle);
  impl_->cosine = std::cos(angle);
  impl_->width = std::ceil(reach * 2 * pixels_per_metre) * kOver;
  impl_->height = std::ceil((tall + reach * 0.2) * pixels_per_metre) * kOver;
  impl_->ground = impl_->height - reach * 0.1 * impl_->scale;
}

Turntable::~Turntable() = default;

void Turntable::face(const std::vector<Point>& corners, Point inside, Color color, double gloss,
                     double nearer) {
  Point n = unit(cross(minus(corners[1], corners[0]), minus(corners[2], corners[0])));
  Point middle;
  for (const Point& p : corners) middle = {middle.x + p.x, middle.y + p.y, middle.z + p.z};
  const double k = 1.0 / double(corners.size());
  middle = {middle.x * k, middle.y * k, middle.z * k};
  if (dot(n, minus(middle, inside)) < 0) n = {-n.x, -n.y, -n.z};
  const Point seen{n.x * impl_->cosine - n.z * impl_->sine, n.y, n.x * impl_->sine + n.z * impl_->cosine};
  if (seen.z * std::cos(kElevation) - seen.y * std::sin(kElevation) > 0.01) return;
  const Point sun = unit({-0.5, 0.8, -0.45});
  const double light = 0.55 + 0.55 * std::max(0.0, dot(seen, sun));
  impl_->polygon(corners, scaled(color, light), gloss, nearer);
}

void Turntable::extrude(const std::vector<Point>& outline, double half_low, double half_high, Color side,
                        Color top, double gloss) {
  double low = 1e9, high = -1e9, z = 0;
  for (const Point& p : outline)
    low = std::min(low, p.y), high = std::max(high, p.y), z += p.z / double(outline.size());
  auto half = [&](double y) { return half_low + (half_high - half_low) * (y - low) / (high - low); };
  const Point inside{0, (low + high) / 2, z};
  for (double s : {-1.0, 1.0}) {
    std::vector<Point> corners;
    for (const Point& p : outline) corners.push_back({s * half(p.y), p.y, p.z});
    face(corners, inside, side, gloss);
  }
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const Point &a = outline[i], &b = outline[(i + 1) % outline.size()];
    const double ha = half(a.y), hb = half(b.y);
    face({{-ha, a.y, a.z}, {ha, a.y, a.z}, {hb, b.y, b.z}, {-hb, b.y, b.z}}, inside, top, gloss);
  }
}

void Turntable::box(Point l, Point h, Color color, double gloss) {
  const double half = (h.x - l.x) / 2, mid = (h.x + l.x) / 2;
  const Point inside{mid, (l.y + h.y) / 2, (l.z + h.z) / 2};
  for (double s : {-1.0, 1.0}) {
    const double x = mid + s * half, z = s < 0 ? l.z : h.z;
    face({{x, l.y, l.z}, {x, h.y, l.z}, {x, h.y, h.z}, {x, l.y, h.z}}, inside, color, gloss);
    face({{l.x, l.y, z}, {h.x, l.y, z}, {h.x, h.y, z}, {l.x, h.y, z}}, inside, color, gloss);
  }
  face({{l.x, h.y, l.z}, {h.x, h.y, l.z}, {h.x, h.y, h.z}, {l.x, h.y, h.z}}, inside, color, gloss);
}

void Turntable::limb(Point from, Point to, double radius, Color color, double nearer) {
  const Point a = impl_->view(from), b = impl_->view(to);
  impl_->shapes.push_back({Kind::kLimb,
                           {impl_->pixel(a), impl_->pixel(b)},
                           (a.z + b.z) / 2 - nearer,
                           radius * impl_->scale,
                           color,
                           0});
}

void Turntable::ball(Point center, double radius, Color color, double nearer) {
  const Point c = impl_->view(center);
  impl_->shapes.push_back({Kind::kBall, {impl_->pixel(c)}, c.z - nearer, radius * impl_->scale, color, 0});
}

void Turntable::disc(Point c, double radius, Color color, double nearer) {
  std::vector<Point> corners;
  for (int i = 0; i < 24; ++i) {
    const double t = i * std::numbers::pi / 12;
    corners.push_back({c.x, c.y + radius * std::sin(t), c.z + radius * std::cos(t)});
  }
  impl_->polygon(corners, color, 0, nearer);
}

void Turntable::ring(Point c, double radius, double thickness, Color color, double nearer) {
  for (int i = 0; i < 20; ++i) {
    const double t = i * std::numbers::pi / 10, u = (i + 1) * std::numbers::pi / 10;
    limb({c.x, c.y + radius * std::sin(t), c.z + radius * std::cos(t)},
         {c.x, c.y + radius * std::sin(u), c.z + radius * std::cos(u)}, thickness / 2, color, nearer);
  }
}

void Turntable::board(Point l, Point h, Color color, double nearer) {
  impl_->polygon({{l.x, l.y, l.z}, {h.x, l.y, l.z}, {h.x, h.y, l.z}, {l.x, h.y, l.z}}, color, 0, nearer);
}

Sprite Turntable::finish() {
  auto& shapes = impl_->shapes;
  std::stable_sort(shapes.begin(), shapes.end(),
                   [](const Shape& a, const Shape& b) { return a.depth > b.depth; });
  cv::Mat canvas(int(impl_->height), int(impl_->width), CV_8UC4, cv::Scalar(0, 0, 0, 0));
  for (const Shape& s : shapes) {
    const double r = std::max(0.7, s.radius);
    switch (s.kind) {
      case Kind::kPolygon: {
        cv::fillPoly(canvas, std::vector<std::vector<cv::Point>>{s.points}, paint(s.color), cv::LINE_AA, 4);
        if (s.gloss > 0) {  // a soft light band along the upper part
          const cv::Rect around = cv::boundingRect(s.points);
          const auto band = above(s.points, around.y + int(around.height * 0.35));
          if (band.size() < 3) break;
          cv::fillPoly(canvas, std::vector<std::vector<cv::Point>>{band}, paint(scaled(s.color, 1 + s.gloss)),
                       cv::LINE_AA, 4);
        }
        break;
      }
      case Kind::kLimb: {
        const int wide = std::max(1, int(std::lround(r * 2)));
        cv::line(canvas, s.points[0], s.points[1], paint(s.color), wide, cv::LINE_AA, 4);
        const cv::Point up(-int(r * 5), -int(r * 3));  // lit from the upper left
        if (wide >= 5)
          cv::line(canvas, s.points[0] + up, s.points[1] + up, paint(scaled(s.color, 1.25)), wide / 3,
                   cv::LINE_AA, 4);
        break;
      }
      case Kind::kBall:
        cv::circle(canvas, s.points[0], int(r * 16), paint(s.color), cv::FILLED, cv::LINE_AA, 4);
        if (r > 3)
          cv::circle(canvas, s.points[0] + cv::Point(-int(r * 5), -int(r * 5)), int(r * 8),
                     paint(scaled(s.color, 1.18)), cv::FILLED, cv::LINE_AA, 4);
        break;
    }
  }
  cv::Mat small;
  cv::resize(canvas, small, {canvas.cols / kOver, canvas.rows / kOver}, 0, 0, cv::INTER_AREA);
  Bitmap painted{small.cols, small.rows, std::vector<std::uint8_t>(small.total() * 4)};
  small.copyTo(cv::Mat(painted.height, painted.width, CV_8UC4, painted.bgra.data()));
  return Sprite::from(painted, impl_->scale / kOver, impl_->width / 2 / kOver, impl_->ground / kOver);
}

}  // namespace turbo::scene
