#include "lab/figure/series_path.h"

#include <algorithm>
#include <cmath>

namespace turbo::figure {
namespace {

using Paths = std::vector<std::vector<Point>>;

// Steps that begin before the axis are shown from its low end on.
double drawn_x(const Series& series, std::size_t i, const Scale& x) {
  const bool before = series.mark == Mark::kSteps && std::isfinite(series.x[i]) && series.x[i] < x.low();
  return before ? x.low() : series.x[i];
}

Paths paths_through(const Series& series, const std::vector<double>& values, const Scale& x, const Scale& y) {
  Paths paths;
  bool open = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Point point{drawn_x(series, i, x), values[i]};
    const bool shown = x.shows(point.x) && y.shows(point.y);
    if (series.mark == Mark::kSteps && open && x.shows(point.x)) {
      // What held so far holds up to here, a gap's beginning too.
      const double before = paths.back().back().y;
      paths.back().push_back({point.x, before});
    }
    if (shown) {
      if (!open) paths.emplace_back();
      paths.back().push_back(point);
    }
    open = shown;
  }
  if (series.mark == Mark::kSteps && open && paths.back().back().x < x.high())
    paths.back().push_back({x.high(), paths.back().back().y});
  return paths;
}

}  // namespace

std::vector<Point> shown_points(const Series& series, const Scale& x, const Scale& y) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < series.x.size(); ++i)
    if (x.shows(series.x[i]) && y.shows(series.y[i])) points.push_back({series.x[i], series.y[i]});
  return points;
}

Paths line_paths(const Series& series, const Scale& x, const Scale& y) {
  return paths_through(series, series.y, x, y);
}

Paths band_paths(const Series& series, const Scale& x, const Scale& y) {
  if (series.low.empty()) return {};
  // A point whose other border cannot be shown breaks both borders at the same place.
  auto low = series.low, high = series.high;
  for (std::size_t i = 0; i < low.size(); ++i)
    if (!y.shows(low[i]) || !y.shows(high[i])) low[i] = high[i] = std::nan("");
  Paths areas = paths_through(series, low, x, y);
  const Paths upper = paths_through(series, high, x, y);
  for (std::size_t i = 0; i < areas.size(); ++i)
    areas[i].insert(areas[i].end(), upper[i].rbegin(), upper[i].rend());
  return areas;
}

}  // namespace turbo::figure
