#pragma once
// Panels of bars. They lie: the x axis goes down the page and the y axis to the right, so that no name has to
// be turned or told by its colour alone. Names of places and series are at the left, numbers at the right.

#include "lab/figure/layout.h"

namespace turbo::figure {

bool has_bars(const Panel& panel);

double bars_height(const Panel& panel);                         // of the frame
double bar_names_width(const Panel& panel, Canvas& measure);    // left of it
double bar_numbers_width(const Panel& panel, Canvas& measure);  // right of it

void draw_bars(const Panel& panel, const PlacedPanel& placed, const std::vector<LegendEntry>& legend,
               Canvas& canvas);

}  // namespace turbo::figure
