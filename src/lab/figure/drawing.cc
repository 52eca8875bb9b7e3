#include "lab/figure/drawing.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "lab/figure/bars.h"
#include "lab/figure/series_path.h"

namespace turbo::figure {
namespace {

constexpr double kLineWidth = 1.3, kMarkerSize = 4.2, kBandAlpha = 0.18;
constexpr std::size_t kMostMarkers = 20;  // of more points some have one

void draw_line(Canvas& canvas, Point from, Point to, const Pen& pen) {
  const Point points[] = {from, to};
  canvas.line(points, pen);
}

Pen pen_of(Mark mark, const Look& how) {
  if (mark == Mark::kReference) return kReferencePen;
  return {how.colour, kLineWidth, how.dashes};
}

class PanelPainter {
 public:
  PanelPainter(const Panel& panel, const PlacedPanel& placed, const Layout& layout,
               const std::vector<LegendEntry>& legend, Canvas& canvas)
      : panel_(panel), placed_(placed), layout_(layout), legend_(legend), canvas_(canvas) {}

  void paint() {
    grid();
    if (has_bars(panel_))
      draw_bars(panel_, placed_, legend_, canvas_);
    else
      lines();
    axes();
    labels();
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

  void lines() {
    canvas_.clip_to(placed_.frame);
    for (const auto& series : panel_.series) band(series);
    canvas_.unclip();
    rules();
    for (const bool reference : {true, false})
      for (const auto& series : panel_.series)
        if ((series.mark == Mark::kReference) == reference) line(series);
  }

  // What lies below the frame: of bars the y axis.
  const std::vector<Tick>& ticks_below() const {
    return has_bars(panel_) ? placed_.y_ticks : placed_.x_ticks;
  }
  double below_pt(double value) const {
    const Scale& scale = has_bars(panel_) ? placed_.y : placed_.x;
    return frame().left + scale.position(value) * frame().width;
  }

  void grid() {
    for (const auto& tick : ticks_below())
      if (!tick.label.empty())
        draw_line(canvas_, {below_pt(tick.value), frame().top}, {below_pt(tick.value), frame().bottom()},
                  {kGrid, 0.6});
    if (has_bars(panel_)) return;
    for (const auto& tick : placed_.y_ticks)
      if (!tick.label.empty())
        draw_line(canvas_, {frame().left, y_pt(tick.value)}, {frame().right(), y_pt(tick.value)},
                  {kGrid, 0.6});
  }

  void axes() {
    const Pen pen{kInk, 0.7};
    const Font font{kTextSize, false, kInk};
    draw_line(canvas_, {frame().left, frame().top}, {frame().left, frame().bottom()}, pen);
    draw_line(canvas_, {frame().left, frame().bottom()}, {frame().right(), frame().bottom()}, pen);
    for (const auto& tick : ticks_below()) {
      const double x = below_pt(tick.value), length = tick.label.empty() ? 1.5 : 3;
      draw_line(canvas_, {x, frame().bottom()}, {x, frame().bottom() + length}, pen);
      canvas_.text({x, frame().bottom() + 4 + kTextSize * 0.6}, tick.label, font, Align::kCentre);
    }
    if (has_bars(panel_)) return;
    for (const auto& tick : placed_.y_ticks) {
      const double y = y_pt(tick.value), length = tick.label.empty() ? 1.5 : 3;
      draw_line(canvas_, {frame().left - length, y}, {frame().left, y}, pen);
      canvas_.text({frame().left - 4, y}, tick.label, font, Align::kRight);
    }
  }

  void labels() {
    const Font font{kTextSize, false, kInk};
    const bool lies = has_bars(panel_);
    canvas_.text({centre().x, frame().bottom() + layout_.x_label_below}, (lies ? panel_.y : panel_.x).label,
                 font, Align::kCentre);
    if (!lies)
      canvas_.text({frame().left - layout_.y_label_left, centre().y}, panel_.y.label, font, Align::kCentre,
                   true);
    const bool over = std::any_of(panel_.rules.begin(), panel_.rules.end(),
                                  [](const auto& rule) { return rule.vertical && !rule.text.empty(); });
    const double title_width = canvas_.text_width(panel_.title, {kTextSize, true});
    const double size = kTextSize * std::min(1.0, frame().width / std::max(1.0, title_width));
    canvas_.text({centre().x, frame().top - 3 - kTextSize * (over ? 1.8 : 0.5)}, panel_.title,
                 {size, true, kInk}, Align::kCentre);
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
    Colour colour = look(look_of(legend_, series)).colour;
    colour.alpha = kBandAlpha;
    for (const auto& corners : band_paths(series, placed_.x, placed_.y))
      canvas_.area(on_page(corners), colour);
  }

  void line(const Series& series) {
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

  const Panel& panel_;
  const PlacedPanel& placed_;
  const Layout& layout_;
  const std::vector<LegendEntry>& legend_;
  Canvas& canvas_;
};

void draw_legend(const Layout& layout, Canvas& canvas) {
  for (const auto& [entry, at, lines] : layout.legend) {
    const Look how = look(entry.look);
    if (entry.mark != Mark::kPoints)
      draw_line(canvas, at, {at.x + kLegendSample, at.y}, pen_of(entry.mark, how));
    if (entry.mark == Mark::kLine || entry.mark == Mark::kPoints)
      canvas.markers(how.marker, std::array{Point{at.x + kLegendSample / 2, at.y}}, kMarkerSize, how.colour);
    for (std::size_t i = 0; i < lines.size(); ++i)
      canvas.text({at.x + kLegendSample + 4, at.y + static_cast<double>(i) * kTextSize * kLineDistance},
                  lines[i], {kTextSize, false, kInk}, Align::kLeft);
  }
}

}  // namespace

void draw(const Figure& figure, const Layout& layout, Canvas& canvas) {
  for (std::size_t i = 0; i < layout.title.size(); ++i)
    canvas.text({layout.title_at.x, layout.title_at.y + static_cast<double>(i) * kTitleSize * kLineDistance},
                layout.title[i], {kTitleSize, true, kInk}, Align::kLeft);
  draw_legend(layout, canvas);
  const auto legend = legend_of(figure);
  for (std::size_t i = 0; i < figure.panels.size(); ++i)
    PanelPainter(figure.panels[i], layout.panels[i], layout, legend, canvas).paint();
  for (std::size_t i = 0; i < layout.caption.size(); ++i)
    canvas.text(
        {layout.caption_at.x, layout.caption_at.y + static_cast<double>(i) * kSmallSize * kLineDistance},
        layout.caption[i], {kSmallSize, false, kRule}, Align::kLeft);
}

}  // namespace turbo::figure
