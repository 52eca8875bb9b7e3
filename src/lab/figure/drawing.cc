#include "lab/figure/drawing.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "lab/figure/series_path.h"
#include "lab/figure/text_lines.h"

namespace turbo::figure {
namespace {

constexpr Colour kInk{0.15, 0.15, 0.15}, kGrid{0.9, 0.9, 0.9}, kRule{0.45, 0.45, 0.45}, kPaper{1, 1, 1};
constexpr double kLineWidth = 1.3, kMarkerSize = 4.2, kBandAlpha = 0.18;
constexpr std::size_t kMostMarkers = 20;  // of more points some have one
constexpr double kBarsWidth = 0.8;        // all bars of one place, over the distance of places

void draw_line(Canvas& canvas, Point from, Point to, const Pen& pen) {
  const Point points[] = {from, to};
  canvas.line(points, pen);
}

Pen pen_of(Mark mark, const Look& how) {
  if (mark == Mark::kReference) return {kRule, 0.9, {4, 2}};
  return {how.colour, kLineWidth, how.dashes};
}

class PanelPainter {
 public:
  PanelPainter(const Panel& panel, const PlacedPanel& placed, const Layout& layout,
               const std::vector<LegendEntry>& legend, Canvas& canvas)
      : panel_(panel), placed_(placed), layout_(layout), legend_(legend), canvas_(canvas) {}

  void paint() {
    grid();
    canvas_.clip_to(placed_.frame);
    for (const auto& series : panel_.series) band(series);
    bars();
    canvas_.unclip();
    rules();
    for (const bool reference : {true, false})
      for (const auto& series : panel_.series)
        if ((series.mark == Mark::kReference) == reference) line(series);
    axes();
    if (is_empty()) canvas_.text(centre(), "no data", {kTextSize, false, kRule}, Align::kCentre);
  }

 private:
  const Box& frame() const { return placed_.frame; }
  double x_pt(double x) const { return frame().left + placed_.x.position(x) * frame().width; }
  double y_pt(double y) const { return frame().bottom() - placed_.y.position(y) * frame().height; }
  Point centre() const { return {frame().left + frame().width / 2, frame().top + frame().height / 2}; }

  bool is_empty() const {
    return std::all_of(panel_.series.begin(), panel_.series.end(), [](const auto& s) { return s.y.empty(); });
  }

  void grid() {
    for (const auto& tick : placed_.y_ticks)
      if (!tick.label.empty())
        draw_line(canvas_, {frame().left, y_pt(tick.value)}, {frame().right(), y_pt(tick.value)},
                  {kGrid, 0.6});
    if (!panel_.x.categories.empty()) return;
    for (const auto& tick : placed_.x_ticks)
      if (!tick.label.empty())
        draw_line(canvas_, {x_pt(tick.value), frame().top}, {x_pt(tick.value), frame().bottom()},
                  {kGrid, 0.6});
  }

  void axes() {
    const Pen pen{kInk, 0.7};
    draw_line(canvas_, {frame().left, frame().top}, {frame().left, frame().bottom()}, pen);
    draw_line(canvas_, {frame().left, frame().bottom()}, {frame().right(), frame().bottom()}, pen);
    for (const auto& tick : placed_.x_ticks) {
      const double x = x_pt(tick.value), length = tick.label.empty() ? 1.5 : 3;
      draw_line(canvas_, {x, frame().bottom()}, {x, frame().bottom() + length}, pen);
      x_label(x, tick.label);
    }
    for (const auto& tick : placed_.y_ticks) {
      const double y = y_pt(tick.value), length = tick.label.empty() ? 1.5 : 3;
      draw_line(canvas_, {frame().left - length, y}, {frame().left, y}, pen);
      canvas_.text({frame().left - 4, y}, tick.label, {kTextSize, false, kInk}, Align::kRight);
    }
    const Font font{kTextSize, false, kInk};
    canvas_.text({centre().x, frame().bottom() + layout_.x_label_below}, panel_.x.label, font,
                 Align::kCentre);
    canvas_.text({frame().left - layout_.y_label_left, centre().y}, panel_.y.label, font, Align::kCentre,
                 true);
    const bool over = std::any_of(panel_.rules.begin(), panel_.rules.end(),
                                  [](const auto& rule) { return rule.vertical && !rule.text.empty(); });
    const double title_width = canvas_.text_width(panel_.title, {kTextSize, true});
    const double size = kTextSize * std::min(1.0, frame().width / std::max(1.0, title_width));
    canvas_.text({centre().x, frame().top - 3 - kTextSize * (over ? 1.8 : 0.5)}, panel_.title,
                 {size, true, kInk}, Align::kCentre);
  }

  void x_label(double x, const std::string& label) {
    const Font font{kTextSize, false, kInk};
    double y = frame().bottom() + 4;
    if (placed_.upright) return canvas_.text({x, y}, label, font, Align::kRight, true);
    y += kTextSize * 0.6;
    for (const std::string& line : lines_of(label)) {
      canvas_.text({x, y}, line, font, Align::kCentre);
      y += kTextSize * 1.35;
    }
  }

  void rules() {
    const Font font{kSmallSize + 1, false, kRule};
    for (const auto& rule : panel_.rules) {
      const Scale& scale = rule.vertical ? placed_.x : placed_.y;
      if (!scale.shows(rule.at) || rule.at < scale.low() || rule.at > scale.high()) continue;
      const Pen pen{kRule, 0.8, {3, 2}};
      if (rule.vertical) {
        draw_line(canvas_, {x_pt(rule.at), frame().top}, {x_pt(rule.at), frame().bottom()}, pen);
        canvas_.text({x_pt(rule.at), frame().top - 5}, rule.text, font, Align::kCentre);
      } else {
        draw_line(canvas_, {frame().left, y_pt(rule.at)}, {frame().right(), y_pt(rule.at)}, pen);
        canvas_.text({frame().right() + 3, y_pt(rule.at)}, rule.text, font, Align::kLeft);
      }
    }
  }

  std::vector<Point> on_page(std::vector<Point> points) const {
    for (auto& point : points) point = {x_pt(point.x), y_pt(point.y)};
    return points;
  }

  void band(const Series& series) {
    if (series.mark == Mark::kBars) return;
    Colour colour = look(look_of(legend_, series)).colour;
    colour.alpha = kBandAlpha;
    for (const auto& corners : band_paths(series, placed_.x, placed_.y))
      canvas_.area(on_page(corners), colour);
  }

  void line(const Series& series) {
    if (series.mark == Mark::kBars) return;
    const Look how = look(look_of(legend_, series));
    // Lines may run on the frame itself, as at utility 0.
    canvas_.clip_to({frame().left, frame().top - 2, frame().width, frame().height + 4});
    if (series.mark != Mark::kPoints)
      for (const auto& path : line_paths(series, placed_.x, placed_.y))
        canvas_.line(thinned(on_page(path)), pen_of(series.mark, how));
    canvas_.unclip();
    canvas_.clip_to({frame().left - 3, frame().top - 3, frame().width + 6, frame().height + 6});
    auto points = shown_points(series, placed_.x, placed_.y);
    if (series.mark == Mark::kLine) points = some_of(points, look_of(legend_, series));
    if (series.mark == Mark::kPoints || series.mark == Mark::kLine)
      canvas_.markers(how.marker, on_page(points), kMarkerSize, how.colour);
    canvas_.unclip();
  }

  // Each line begins at another of its points, so that lines on each other show the markers of both.
  static std::vector<Point> some_of(const std::vector<Point>& points, std::size_t own) {
    if (points.size() <= kMostMarkers) return points;
    const std::size_t distance = 2 * points.size() / kMostMarkers;
    std::vector<Point> some;
    for (std::size_t i = own % distance; i < points.size(); i += distance) some.push_back(points[i]);
    return some;
  }

  // Those points of a line that lie on the same spot of the page are one.
  static std::vector<Point> thinned(const std::vector<Point>& points) {
    std::vector<Point> kept;
    for (const auto& point : points)
      if (kept.empty() || std::hypot(point.x - kept.back().x, point.y - kept.back().y) > 0.05)
        kept.push_back(point);
    return kept;
  }

  void bars() {
    const auto count = static_cast<double>(std::count_if(
        panel_.series.begin(), panel_.series.end(), [](const auto& s) { return s.mark == Mark::kBars; }));
    const double width = kBarsWidth / std::max(1.0, count);
    double offset = -kBarsWidth / 2;
    for (const auto& series : panel_.series) {
      if (series.mark != Mark::kBars) continue;
      const Look how = look(look_of(legend_, series));
      for (std::size_t i = 0; i < series.x.size(); ++i) bar(series, i, offset, width, how);
      offset += width;
    }
  }

  void bar(const Series& series, std::size_t i, double offset, double width, const Look& how) {
    if (!placed_.x.shows(series.x[i]) || !placed_.y.shows(series.y[i])) return;
    const double left = x_pt(series.x[i] + offset), right = x_pt(series.x[i] + offset + width);
    const double zero = std::clamp(y_pt(0), frame().top, frame().bottom()), end = y_pt(series.y[i]);
    canvas_.box({left + 0.5, std::min(zero, end), right - left - 1, std::abs(zero - end)}, how.colour,
                how.hatch);
    if (series.low.empty() || !placed_.y.shows(series.low[i]) || !placed_.y.shows(series.high[i])) return;
    const double middle = (left + right) / 2, low = y_pt(series.low[i]), high = y_pt(series.high[i]);
    // With a light edge, to be seen on a dark bar.
    for (const Pen& pen : {Pen{kPaper, 1.8}, Pen{kInk, 0.8}}) {
      draw_line(canvas_, {middle, low}, {middle, high}, pen);
      for (const double y : {low, high}) draw_line(canvas_, {middle - 2, y}, {middle + 2, y}, pen);
    }
  }

  const Panel& panel_;
  const PlacedPanel& placed_;
  const Layout& layout_;
  const std::vector<LegendEntry>& legend_;
  Canvas& canvas_;
};

void draw_legend(const Layout& layout, Canvas& canvas) {
  for (const auto& [entry, at, lines] : layout.legend) {
    const Look how = look(entry.look);
    if (entry.mark == Mark::kBars) {
      canvas.box({at.x, at.y - 3.5, kLegendSample, 7}, how.colour, how.hatch);
    } else {
      if (entry.mark != Mark::kPoints)
        draw_line(canvas, at, {at.x + kLegendSample, at.y}, pen_of(entry.mark, how));
      if (entry.mark == Mark::kLine || entry.mark == Mark::kPoints)
        canvas.markers(how.marker, std::array{Point{at.x + kLegendSample / 2, at.y}}, kMarkerSize,
                       how.colour);
    }
    for (std::size_t i = 0; i < lines.size(); ++i)
      canvas.text({at.x + kLegendSample + 4, at.y + static_cast<double>(i) * kTextSize * 1.35}, lines[i],
                  {kTextSize, false, kInk}, Align::kLeft);
  }
}

}  // namespace

void draw(const Figure& figure, const Layout& layout, Canvas& canvas) {
  for (std::size_t i = 0; i < layout.title.size(); ++i)
    canvas.text({layout.title_at.x, layout.title_at.y + static_cast<double>(i) * kTitleSize * 1.35},
                layout.title[i], {kTitleSize, true, kInk}, Align::kLeft);
  draw_legend(layout, canvas);
  const auto legend = legend_of(figure);
  for (std::size_t i = 0; i < figure.panels.size(); ++i)
    PanelPainter(figure.panels[i], layout.panels[i], layout, legend, canvas).paint();
  for (std::size_t i = 0; i < layout.caption.size(); ++i)
    canvas.text({layout.caption_at.x, layout.caption_at.y + static_cast<double>(i) * kSmallSize * 1.35},
                layout.caption[i], {kSmallSize, false, kRule}, Align::kLeft);
}

}  // namespace turbo::figure
