#pragma once
// The numbers of an axis: its range, where a value lies on it, which ticks it has and how they read.

#include <optional>
#include <string>
#include <vector>

#include "lab/figure/figure.h"

namespace turbo::figure {

struct Range {
  double low = 0, high = 1;
};

struct Tick {
  double value = 0;
  std::string label;  // empty: a minor tick
};

class Scale {
 public:
  // low < high; both above 0 when logarithmic.
  Scale(Range range, bool log) : range_(range), log_(log) {}

  double low() const { return range_.low; }
  double high() const { return range_.high; }
  bool shows(double value) const;  // is finite and, logarithmic, above 0
  double position(
      double value) const;  // 0 at low, 1 at high, outside of that elsewhere; only of what it shows
  std::vector<Tick> ticks(int about) const;  // rising; about so many with a label

 private:
  std::vector<Tick> linear_ticks(int about) const;
  std::vector<Tick> decades(int about) const;

  Range range_;
  bool log_;
};

// "1500", "0.25", "10⁻⁴": the shortest that tells the value, six digits at most.
std::string number_text(double value);

// The scales of a panel's axes: the given ends, or what its series need.
Scale x_scale(const Panel& panel);
Scale y_scale(const Panel& panel);
// Panels with the same y label get the same y axis, so that they can be held against each other.
void share_y_axes(Figure& figure);

}  // namespace turbo::figure
