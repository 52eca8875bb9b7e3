#pragma once
// Lines, areas and text onto a page, through Cairo. The only room that knows it. Coordinates in pt (1/72
// inch) from the top left corner.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lab/figure/look.h"

namespace turbo::figure {

enum class FileKind { kSvg, kPng, kPdf };

struct Point {
  double x = 0, y = 0;
};

struct Box {
  double left = 0, top = 0, width = 0, height = 0;
  double right() const { return left + width; }
  double bottom() const { return top + height; }
};

struct Pen {
  Colour colour;
  double width = 1;
  std::vector<double> dashes = {};
};
inline const Pen kReferencePen{kRule, 0.9, {4, 2}};

struct Font {
  double size = 8;
  bool bold = false;
  Colour colour = {};
};

enum class Align { kLeft, kCentre, kRight };

class Canvas {
 public:
  // Throws std::runtime_error when Cairo cannot make such a page.
  Canvas(FileKind kind, double width_pt, double height_pt);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  void line(std::span<const Point> points, const Pen& pen);
  void area(std::span<const Point> corners, const Colour& colour);
  void box(const Box& box, const Colour& colour);
  void markers(Marker marker, std::span<const Point> points, double size, const Colour& colour);
  // `at`: the middle of the text's height, at its left end, centre or right end. `upwards`: turned to be read
  // from below to above.
  void text(Point at, std::string_view text, const Font& font, Align align, bool upwards = false);
  double text_width(std::string_view text, const Font& font);
  void clip_to(const Box& box);
  void unclip();

  std::string finish();  // the file's bytes; nothing may be drawn after it

 private:
  struct Cairo;
  std::unique_ptr<Cairo> cairo_;
};

}  // namespace turbo::figure
