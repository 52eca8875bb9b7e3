#pragma once
// The points of a series as paths in the data's own units, for every way of drawing: broken where an axis
// cannot show a point, steps with their corners and led to the end of the axis.

#include <vector>

#include "lab/figure/canvas.h"
#include "lab/figure/scale.h"

namespace turbo::figure {

std::vector<Point> shown_points(const Series& series, const Scale& x, const Scale& y);
std::vector<std::vector<Point>> line_paths(const Series& series, const Scale& x, const Scale& y);
// Closed areas between low and high.
std::vector<std::vector<Point>> band_paths(const Series& series, const Scale& x, const Scale& y);

}  // namespace turbo::figure
