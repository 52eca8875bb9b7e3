#include "lab/figure/text_grid.h"

#include <algorithm>
#include <cmath>

#include "lab/figure/look.h"

namespace turbo::figure {
namespace {

constexpr std::size_t kDotsAcross = 2, kDotsDown = 4;
constexpr std::size_t kLetterDistance = 18;
// Of a Braille cell, by column and row of its dots.
constexpr std::uint8_t kDotBits[kDotsAcross][kDotsDown] = {{0x01, 0x02, 0x04, 0x40},
                                                           {0x08, 0x10, 0x20, 0x80}};

std::string braille(std::uint8_t dots) {  // U+2800 + dots
  return {static_cast<char>(0xE2), static_cast<char>(0xA0 | (dots >> 6)),
          static_cast<char>(0x80 | (dots & 0x3F))};
}

}  // namespace

std::string coloured(const std::string& text, std::size_t index, const TextStyle& style) {
  if (!style.colour) return text;
  return "\x1b[38;5;" + std::to_string(look(index).ansi) + "m" + text + "\x1b[0m";
}

TextGrid::TextGrid(std::size_t width, std::size_t height, const TextStyle& style)
    : width_(width),
      height_(height),
      dots_wide_(static_cast<double>(width * (style.unicode ? kDotsAcross : 1))),
      dots_high_(static_cast<double>(height * (style.unicode ? kDotsDown : 1))),
      style_(style),
      cells_(width * height) {}

void TextGrid::dot(double column, double row, std::size_t look) {
  if (!(column >= 0 && column < dots_wide_ && row >= 0 && row < dots_high_)) return;
  const auto x = static_cast<std::size_t>(column), y = static_cast<std::size_t>(row);
  const std::size_t across = style_.unicode ? kDotsAcross : 1, down = style_.unicode ? kDotsDown : 1;
  Cell& target = cell(x / across, y / down);
  target.dots |= kDotBits[x % across][y % down];
  target.look = static_cast<std::uint8_t>(look);
}

void TextGrid::line(double x0, double y0, double x1, double y1, std::size_t look) {
  const double wide = dots_wide_ - 1, high = dots_high_ - 1;
  // Cut where it leaves the grid, so that the steps below are few.
  x0 = std::clamp(x0, -1.0, 2.0), x1 = std::clamp(x1, -1.0, 2.0);
  y0 = std::clamp(y0, -1.0, 2.0), y1 = std::clamp(y1, -1.0, 2.0);
  const double steps = std::ceil(std::max({std::abs(x1 - x0) * wide, std::abs(y1 - y0) * high, 1.0}));
  for (double i = 0; i <= steps; ++i) {
    const double x = x0 + (x1 - x0) * i / steps, y = y0 + (y1 - y0) * i / steps;
    dot(std::round(x * wide), std::round((1 - y) * high), look);
  }
}

std::size_t TextGrid::row_of(double y) const {
  const double row = std::round((1 - y) * (dots_high_ - 1)) / (dots_high_ / static_cast<double>(height_));
  return static_cast<std::size_t>(std::clamp(row, 0.0, static_cast<double>(height_ - 1)));
}

std::size_t TextGrid::column_of(double x) const {
  const double column = std::round(x * (dots_wide_ - 1)) / (dots_wide_ / static_cast<double>(width_));
  return static_cast<std::size_t>(std::clamp(column, 0.0, static_cast<double>(width_ - 1)));
}

void TextGrid::rule(bool vertical, double at) {
  if (!(at >= 0 && at <= 1)) return;
  const std::size_t place = vertical ? column_of(at) : row_of(at);
  for (std::size_t i = 0; i < (vertical ? height_ : width_); ++i)
    (vertical ? cell(place, i) : cell(i, place)).rule = vertical ? '|' : '-';
}

void TextGrid::letters(std::size_t look, std::size_t looks) {
  const std::size_t first = kLetterDistance / 2 + look * kLetterDistance / std::max<std::size_t>(1, looks);
  for (std::size_t column = first % width_; column < width_; column += kLetterDistance)
    for (std::size_t row = 0; row < height_; ++row) {
      Cell& here = cell(column, row);
      if (here.dots == 0 || here.look != look || here.letter) continue;
      here.letter = true;
      break;
    }
}

std::string TextGrid::row(std::size_t index) const {
  const Cell* cells = &cells_[index * width_];
  std::size_t length = width_;
  while (length > 0 && cells[length - 1].dots == 0 && cells[length - 1].rule == 0) --length;
  std::string text;
  for (std::size_t i = 0; i < length; ++i) {
    const Cell& here = cells[i];
    if (here.dots == 0) {
      if (here.rule == 0)
        text += ' ';
      else if (style_.unicode)
        text += here.rule == '|' ? "┊" : "┈";
      else
        text += here.rule == '|' ? ':' : '.';
    } else if (here.letter || !style_.unicode) {
      text += coloured(std::string(1, look(here.look).letter), here.look, style_);
    } else {
      text += coloured(braille(here.dots), here.look, style_);
    }
  }
  return text;
}

}  // namespace turbo::figure
