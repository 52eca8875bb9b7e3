#pragma once
// Text that has to keep to a width on the page.

#include <string>
#include <vector>

#include "lab/figure/canvas.h"

namespace turbo::figure {

// Parted at line ends; nothing is nothing.
std::vector<std::string> lines_of(const std::string& text);
// Lines of at most this width, parted at line ends and spaces, and words that are wider by themselves after a
// comma or slash, or anywhere.
std::vector<std::string> wrapped(const std::string& text, double width, const Font& font, Canvas& measure);
// "a-rather-l…afternoon": what is too wide loses its middle.
std::string shortened(const std::string& text, double width, const Font& font, Canvas& measure);

}  // namespace turbo::figure
