#pragma once
// The cells of a chart in a terminal. In a UTF-8 terminal a cell holds eight dots of Braille, else one
// letter.

#include <cstdint>
#include <string>
#include <vector>

#include "lab/figure/text_style.h"

namespace turbo::figure {

class TextGrid {
 public:
  TextGrid(std::size_t width, std::size_t height, const TextStyle& style);

  // Positions from 0 to 1, from the left and from below; what lies outside is not drawn.
  void line(double x0, double y0, double x1, double y1, std::size_t look);
  void rule(bool vertical, double at);  // only where nothing else is
  // The letter of this look on its line, here and there.
  void letters(std::size_t look, std::size_t looks);

  std::size_t row_of(double y) const;  // from above
  std::size_t column_of(double x) const;
  std::string row(std::size_t index) const;  // without spaces at its end

 private:
  struct Cell {
    std::uint8_t dots = 0;
    std::uint8_t look = 0;
    bool letter = false;
    char rule = 0;
  };

  void dot(double column, double row, std::size_t look);  // in dots
  Cell& cell(std::size_t column, std::size_t row) { return cells_[row * width_ + column]; }

  std::size_t width_, height_;
  double dots_wide_, dots_high_;
  TextStyle style_;
  std::vector<Cell> cells_;
};

std::string coloured(const std::string& text, std::size_t look, const TextStyle& style);

}  // namespace turbo::figure
