#pragma once
// What a terminal, or the file in its place, can show.

#include <cstddef>

namespace turbo::figure {

struct TextStyle {
  std::size_t columns = 80;
  bool unicode = true;  // else plain ASCII
  bool colour = false;
};

// Of standard output: COLUMNS, else the terminal's width, else 80; UTF-8 by LC_ALL, LC_CTYPE, LANG; colours
// on a terminal unless NO_COLOR is set or TERM is dumb.
TextStyle text_style();

}  // namespace turbo::figure
