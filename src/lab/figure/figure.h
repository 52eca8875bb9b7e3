#pragma once
// What a figure shows, apart from how it is drawn: write_figure (figure_file.h) makes a picture of it,
// text_chart (text_chart.h) lines for a terminal. Units stand in the labels: "bandwidth [Mbps]".

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace turbo::figure {

enum class Mark {
  kLine,    // from point to point
  kSteps,   // each y holds from its x to the next one's, the last to the end of the axis
  kPoints,  // markers only
  kBars,    // with the other bars of the same x; they begin at 0, have names and numbers beside them, and lie
            // in pictures, too. A panel of bars has categories, and nothing else but references
  kReference,  // a thin grey line below all others, for them to be held against; across the bars of its x
};

// Points that an axis cannot show (NaN, infinite, on a logarithmic axis 0 and below) are left out, and a line
// is broken there; steps may begin below a logarithmic axis.
struct Series {
  std::string name;  // for the legend; empty: not in it. The same name has the same look in every panel
  std::vector<double> x, y;
  std::vector<double> low = {},
                      high = {};  // spread of y: a shaded band, with bars a whisker; empty or as many as y
  Mark mark = Mark::kLine;
  std::vector<std::string> texts = {};  // beside bars; empty: their numbers
};

struct Axis {
  std::string label;
  bool log = false;
  std::optional<double> low = {}, high = {};  // else what the data need
  // Names of bars' x = 0, 1, 2 ..., which may have lines; for the x axis only.
  std::vector<std::string> categories = {};
};

// A thin line across the panel, with its text outside the frame.
struct Rule {
  bool vertical = true;
  double at = 0;
  std::string text;
};

struct Panel {
  std::string title;
  Axis x, y;
  std::vector<Series> series;
  std::vector<Rule> rules = {};
};

struct Figure {
  std::string title;
  std::string caption;  // small, below: the command line, the seed
  std::vector<Panel> panels;
  std::size_t columns = 0;  // of panels; 0: up to 3, in rows of equal length
  double panel_width_pt = 250,
         panel_height_pt = 165;  // of the frame around the data; bars take what they need
};

// Throws std::invalid_argument when the parts don't fit together: no panel, x and y of different length, bars
// beside lines or without categories, more than a million points.
void check(const Figure& figure);

}  // namespace turbo::figure
