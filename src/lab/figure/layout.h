#pragma once
// Where everything of a figure goes on the page: from above to below title, legend, panels, caption. The
// legend has a place of its own, so that it never covers data.

#include <string>
#include <vector>

#include "lab/figure/canvas.h"
#include "lab/figure/scale.h"

namespace turbo::figure {

inline constexpr double kTextSize = 8, kTitleSize = 9.5, kSmallSize = 6;
inline constexpr double kLineDistance = 1.35;  // over the text's size
inline constexpr double kLegendSample = 22;    // of line, before a name

struct PlacedEntry {
  LegendEntry entry;
  Point at;                        // left end of its sample, beside the first line
  std::vector<std::string> lines;  // of its name
};

struct PlacedPanel {
  Box frame;  // around the data
  Scale x, y;
  std::vector<Tick> x_ticks, y_ticks;  // of bars those of y alone, which lie below them
};

struct Layout {
  double width = 0, height = 0;
  std::vector<std::string> title;  // lines, each as wide as there is room
  Point title_at;                  // of the first line
  std::vector<PlacedEntry> legend;
  std::vector<PlacedPanel> panels;
  std::vector<std::string> caption;  // lines, each as wide as there is room
  Point caption_at;                  // of the first line
  double y_label_left = 0;           // of a frame: the middle of its y label's height is so far left of it
  double x_label_below = 0;
};

// `measure` only measures text.
Layout make_layout(const Figure& figure, Canvas& measure);

}  // namespace turbo::figure
