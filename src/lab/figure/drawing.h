#pragma once
// Draws a figure where its layout says.

#include "lab/figure/layout.h"

namespace turbo::figure {

void draw(const Figure& figure, const Layout& layout, Canvas& canvas);

}  // namespace turbo::figure
