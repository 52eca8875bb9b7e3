#pragma once
// How series are told apart: by colours that colour-blind people tell apart (Okabe and Ito's), and by dashes
// and markers too, so that a grey print says the same; bars have their names beside them.

#include <cstddef>
#include <string>
#include <vector>

#include "lab/figure/figure.h"

namespace turbo::figure {

struct Colour {
  double red = 0, green = 0, blue = 0, alpha = 1;
};

enum class Marker { kCircle, kSquare, kTriangle, kDiamond, kCross, kPlus, kHollowCircle, kHollowSquare };

inline constexpr Colour kInk{0.15, 0.15, 0.15}, kGrid{0.9, 0.9, 0.9}, kRule{0.45, 0.45, 0.45},
    kPaper{1, 1, 1};

struct Look {
  Colour colour;
  std::vector<double> dashes;  // lengths in pt, on and off in turn; empty: solid
  Marker marker = Marker::kCircle;
  int ansi = 0;       // the 256-colour number for a terminal
  char letter = 'a';  // for a terminal without colours
};

Look look(std::size_t index);  // colours repeat after eight, with other dashes

struct LegendEntry {
  std::string name;
  Mark mark = Mark::kLine;
  std::size_t look = 0;
};

// The named series of all panels, each name once, in order of appearance. A name's place is its look.
std::vector<LegendEntry> legend_of(const Figure& figure);
std::size_t look_of(const std::vector<LegendEntry>& legend, const Series& series);

}  // namespace turbo::figure
