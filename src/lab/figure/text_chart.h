#pragma once
// The same figure as text: panels below each other, bars lying. Shaded bands and the caption are left out.

#include <string>

#include "lab/figure/figure.h"
#include "lab/figure/text_style.h"

namespace turbo::figure {

// Lines, each ended by a line feed. `rows`: of a panel's cells. Throws as check() does.
std::string text_chart(const Figure& figure, const TextStyle& style, std::size_t rows = 14);

}  // namespace turbo::figure
