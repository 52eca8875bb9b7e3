#include "lab/figure/bars.h"

#include <algorithm>
#include <cmath>

#include "lab/figure/text_lines.h"

namespace turbo::figure {
namespace {

constexpr double kBarDistance = 10.5, kBarHeight = 7.5, kPlaceGap = 8, kBesideNames = 8, kBesideBars = 5;
constexpr double kMostName = 130;  // of a place or series

const Font kFont{kTextSize, false, kInk};

std::vector<const Series*> bars_of(const Panel& panel) {
  std::vector<const Series*> bars;
  for (const Series& series : panel.series)
    if (series.mark == Mark::kBars) bars.push_back(&series);
  return bars;
}

std::string text_of(const Series& series, std::size_t i) {
  return series.texts.empty() ? number_text(series.y[i]) : series.texts[i];
}

// A series that is alone needs no name beside its bars.
double series_width(const Panel& panel, Canvas& measure) {
  const auto bars = bars_of(panel);
  double most = 0;
  if (bars.size() > 1)
    for (const Series* series : bars)
      most = std::max(most, std::min(kMostName, measure.text_width(series->name, kFont)));
  return most;
}

double place_height(const Panel& panel) {
  std::size_t lines = 0;
  for (const std::string& name : panel.x.categories) lines = std::max(lines, lines_of(name).size());
  const auto bars = static_cast<double>(bars_of(panel).size());
  return std::max(bars * kBarDistance, static_cast<double>(lines) * kTextSize * kLineDistance) + kPlaceGap;
}

class BarPainter {
 public:
  BarPainter(const Panel& panel, const PlacedPanel& placed, const std::vector<LegendEntry>& legend,
             Canvas& canvas)
      : panel_(panel), frame_(placed.frame), placed_(placed), legend_(legend), canvas_(canvas) {}

  void paint() {
    for (std::size_t place = 1; place < panel_.x.categories.size(); ++place)
      level(down(static_cast<double>(place) - 0.5), {kGrid, 0.6});
    names();
    const auto bars = bars_of(panel_);
    double middle = -0.5 * kBarDistance * static_cast<double>(bars.size() - 1);
    for (const Series* series : bars) {
      for (std::size_t i = 0; i < series->x.size(); ++i) bar(*series, i, middle);
      middle += kBarDistance;
    }
    for (const Series& series : panel_.series)
      if (series.mark == Mark::kReference) references(series);
    if (placed_.y.low() < 0 && placed_.y.high() > 0) upright(0, frame_.top, frame_.bottom(), {kInk, 0.7});
  }

 private:
  double down(double x) const { return frame_.top + placed_.x.position(x) * frame_.height; }
  double across(double y) const { return frame_.left + placed_.y.position(y) * frame_.width; }

  void level(double at, const Pen& pen) {
    const Point ends[] = {{frame_.left, at}, {frame_.right(), at}};
    canvas_.line(ends, pen);
  }
  void upright(double y, double top, double bottom, const Pen& pen) {
    const Point ends[] = {{across(y), top}, {across(y), bottom}};
    canvas_.line(ends, pen);
  }

  void names() {
    const double right = frame_.left - kBesideBars;
    const double of_series = series_width(panel_, canvas_);
    const double of_places = right - (of_series > 0 ? of_series + kBesideNames : 0);
    for (std::size_t place = 0; place < panel_.x.categories.size(); ++place) {
      const auto lines = lines_of(panel_.x.categories[place]);
      double at = down(static_cast<double>(place)) -
                  0.5 * kTextSize * kLineDistance * (static_cast<double>(lines.size()) - 1);
      for (const std::string& line : lines) {
        canvas_.text({of_places, at}, shortened(line, kMostName, kFont, canvas_), kFont, Align::kRight);
        at += kTextSize * kLineDistance;
      }
    }
  }

  void bar(const Series& series, std::size_t i, double below) {
    if (!placed_.x.shows(series.x[i]) || !placed_.y.shows(series.y[i])) return;
    const double at = down(series.x[i]) + below;
    canvas_.clip_to({frame_.left, frame_.top, frame_.width, frame_.height});
    const double zero = std::clamp(across(0), frame_.left, frame_.right()), end = across(series.y[i]);
    canvas_.box({std::min(zero, end), at - kBarHeight / 2, std::abs(end - zero), kBarHeight},
                look(look_of(legend_, series)).colour);
    if (!series.low.empty() && placed_.y.shows(series.low[i]) && placed_.y.shows(series.high[i]))
      whisker(across(series.low[i]), across(series.high[i]), at);
    canvas_.unclip();
    if (series_width(panel_, canvas_) > 0)
      canvas_.text({frame_.left - kBesideBars, at}, shortened(series.name, kMostName, kFont, canvas_), kFont,
                   Align::kRight);
    canvas_.text({frame_.right() + kBesideBars, at}, text_of(series, i), kFont, Align::kLeft);
  }

  // With a light edge, to be seen on a dark bar.
  void whisker(double low, double high, double at) {
    for (const Pen& pen : {Pen{kPaper, 1.4}, Pen{kInk, 0.8}}) {
      const Point ends[] = {{low, at}, {high, at}};
      canvas_.line(ends, pen);
      for (const double x : {low, high}) {
        const Point cap[] = {{x, at - 2}, {x, at + 2}};
        canvas_.line(cap, pen);
      }
    }
  }

  void references(const Series& series) {
    const double half = 0.5 * (place_height(panel_) - kPlaceGap) + 1;
    for (std::size_t i = 0; i < series.x.size(); ++i)
      if (placed_.x.shows(series.x[i]) && placed_.y.shows(series.y[i]))
        upright(series.y[i], down(series.x[i]) - half, down(series.x[i]) + half, kReferencePen);
  }

  const Panel& panel_;
  const Box& frame_;
  const PlacedPanel& placed_;
  const std::vector<LegendEntry>& legend_;
  Canvas& canvas_;
};

}  // namespace

bool has_bars(const Panel& panel) { return !bars_of(panel).empty(); }

double bars_height(const Panel& panel) {
  return static_cast<double>(panel.x.categories.size()) * place_height(panel);
}

double bar_names_width(const Panel& panel, Canvas& measure) {
  double places = 0;
  for (const std::string& name : panel.x.categories)
    for (const std::string& line : lines_of(name))
      places = std::max(places, std::min(kMostName, measure.text_width(line, kFont)));
  const double series = series_width(panel, measure);
  return kBesideBars + places + (series > 0 ? series + kBesideNames : 0);
}

double bar_numbers_width(const Panel& panel, Canvas& measure) {
  double most = 0;
  for (const Series* series : bars_of(panel))
    for (std::size_t i = 0; i < series->y.size(); ++i)
      most = std::max(most, measure.text_width(text_of(*series, i), kFont));
  return kBesideBars + most;
}

void draw_bars(const Panel& panel, const PlacedPanel& placed, const std::vector<LegendEntry>& legend,
               Canvas& canvas) {
  BarPainter(panel, placed, legend, canvas).paint();
}

}  // namespace turbo::figure
