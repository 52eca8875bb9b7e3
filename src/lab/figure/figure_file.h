#pragma once
// A figure as a file.

#include <string>

#include "lab/figure/canvas.h"
#include "lab/figure/figure.h"

namespace turbo::figure {

// SVG, PNG or PDF, by the name's ending. Throws std::invalid_argument for another one: check it before long
// work.
FileKind file_kind(const std::string& path);

// The same figure gives the same bytes, but for the date that stands in a PDF.
std::string picture(const Figure& figure, FileKind kind);

// Written under another name first, so that a file of that name is always a whole one. Throws
// std::invalid_argument (check(), file_kind()) or std::runtime_error (cannot be written).
void write_figure(const Figure& figure, const std::string& path);

}  // namespace turbo::figure
