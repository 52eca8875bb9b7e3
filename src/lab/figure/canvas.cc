#include "lab/figure/canvas.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#ifdef __SANITIZE_ADDRESS__
// Fontconfig keeps what it has read of its settings to the end of the process.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig"; }
#endif

namespace turbo::figure {
namespace {

constexpr double kPixelsPerPt = 200.0 / 72;  // of a PNG
constexpr const char* kFamily = "DejaVu Sans";

cairo_status_t append(void* bytes, const unsigned char* data, unsigned int size) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

// Two decimals instead of Cairo's six: a hundredth of a pt is not seen, and the file is a third smaller. And
// Cairo counts its surfaces and names one after its number, to which nothing refers.
std::string shortened(const std::string& svg) {
  constexpr int kDecimals = 2;
  const std::string counted = "<g id=\"surface";
  const auto named = svg.find(counted);
  const auto number = named == std::string::npos ? svg.size() : named + counted.size();
  const auto number_end = svg.find('"', number);
  std::string out;
  out.reserve(svg.size());
  int decimals = -1;  // of the number that is being read; -1: before its point
  for (std::size_t i = 0; i < svg.size(); ++i) {
    const char c = svg[i];
    const bool digit = c >= '0' && c <= '9';
    if (i >= number && i < number_end) continue;
    if (digit && decimals >= kDecimals) continue;
    decimals = digit ? decimals + (decimals >= 0 ? 1 : 0) : c == '.' ? 0 : -1;
    out += c;
  }
  return out;
}

}  // namespace

struct Canvas::Cairo {
  FileKind kind;
  std::string bytes;
  cairo_surface_t* surface = nullptr;
  cairo_t* context = nullptr;

  ~Cairo() {
    if (context) cairo_destroy(context);
    if (surface) cairo_surface_destroy(surface);
  }

  void colour(const Colour& c) { cairo_set_source_rgba(context, c.red, c.green, c.blue, c.alpha); }

  void font(const Font& font) {
    cairo_select_font_face(context, kFamily, CAIRO_FONT_SLANT_NORMAL,
                           font.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(context, font.size);
  }

  void path(std::span<const Point> points) {
    cairo_new_path(context);
    for (const auto& point : points) cairo_line_to(context, point.x, point.y);
  }

  void add_polygon(std::initializer_list<Point> corners) {
    cairo_new_sub_path(context);
    for (const auto& corner : corners) cairo_line_to(context, corner.x, corner.y);
    cairo_close_path(context);
  }

  void add_stroke(Point from, Point to) {
    cairo_move_to(context, from.x, from.y);
    cairo_line_to(context, to.x, to.y);
  }

  void add_marker(Marker marker, Point at, double r) {
    const auto [x, y] = at;
    switch (marker) {
      case Marker::kCircle:
      case Marker::kHollowCircle:
        cairo_new_sub_path(context);
        return cairo_arc(context, x, y, r, 0, 2 * std::numbers::pi);
      case Marker::kSquare:
      case Marker::kHollowSquare:
        return cairo_rectangle(context, x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
      case Marker::kTriangle:
        return add_polygon({{x - 1.1 * r, y + 0.9 * r}, {x + 1.1 * r, y + 0.9 * r}, {x, y - 1.1 * r}});
      case Marker::kDiamond:
        return add_polygon({{x - 1.2 * r, y}, {x, y - 1.2 * r}, {x + 1.2 * r, y}, {x, y + 1.2 * r}});
      case Marker::kCross:
        add_stroke({x - 0.8 * r, y - 0.8 * r}, {x + 0.8 * r, y + 0.8 * r});
        return add_stroke({x - 0.8 * r, y + 0.8 * r}, {x + 0.8 * r, y - 0.8 * r});
      case Marker::kPlus:
        add_stroke({x, y - 1.1 * r}, {x, y + 1.1 * r});
        return add_stroke({x - 1.1 * r, y}, {x + 1.1 * r, y});
    }
  }
};

Canvas::Canvas(FileKind kind, double width_pt, double height_pt) : cairo_(std::make_unique<Cairo>()) {
  cairo_->kind = kind;
  auto*& surface = cairo_->surface;
  if (kind == FileKind::kSvg) {
    surface = cairo_svg_surface_create_for_stream(append, &cairo_->bytes, width_pt, height_pt);
  } else if (kind == FileKind::kPdf) {
    surface = cairo_pdf_surface_create_for_stream(append, &cairo_->bytes, width_pt, height_pt);
  } else {
    surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(std::ceil(width_pt * kPixelsPerPt)),
                                   static_cast<int>(std::ceil(height_pt * kPixelsPerPt)));
    cairo_surface_set_device_scale(surface, kPixelsPerPt, kPixelsPerPt);
  }
  cairo_->context = cairo_create(surface);
  if (const auto status = cairo_status(cairo_->context))
    throw std::runtime_error(std::string("making a figure failed: ") + cairo_status_to_string(status));
  auto* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(cairo_->context, options);
  cairo_font_options_destroy(options);
  cairo_set_line_join(cairo_->context, CAIRO_LINE_JOIN_ROUND);
  cairo_set_source_rgb(cairo_->context, 1, 1, 1);
  cairo_paint(cairo_->context);
}

Canvas::~Canvas() = default;

void Canvas::line(std::span<const Point> points, const Pen& pen) {
  cairo_->path(points);
  cairo_->colour(pen.colour);
  cairo_set_line_width(cairo_->context, pen.width);
  cairo_set_dash(cairo_->context, pen.dashes.data(), static_cast<int>(pen.dashes.size()), 0);
  cairo_stroke(cairo_->context);
}

void Canvas::area(std::span<const Point> corners, const Colour& colour) {
  cairo_->path(corners);
  cairo_->colour(colour);
  cairo_fill(cairo_->context);
}

void Canvas::box(const Box& box, const Colour& colour) {
  cairo_rectangle(cairo_->context, box.left, box.top, box.width, box.height);
  cairo_->colour(colour);
  cairo_fill(cairo_->context);
}

void Canvas::markers(Marker marker, std::span<const Point> points, double size, const Colour& colour) {
  auto* context = cairo_->context;
  cairo_new_path(context);
  for (const auto& point : points) cairo_->add_marker(marker, point, size / 2);
  const bool hollow = marker == Marker::kHollowCircle || marker == Marker::kHollowSquare;
  const bool strokes = marker == Marker::kCross || marker == Marker::kPlus;
  if (hollow) {
    cairo_set_source_rgb(context, 1, 1, 1);
    cairo_fill_preserve(context);
  }
  cairo_->colour(colour);
  if (!hollow && !strokes) return cairo_fill(context);
  cairo_set_line_width(context, size / (strokes ? 4 : 5));
  cairo_set_dash(context, nullptr, 0, 0);
  cairo_stroke(context);
}

void Canvas::text(Point at, std::string_view text, const Font& font, Align align, bool upwards) {
  const std::string copy(text);
  auto* context = cairo_->context;
  cairo_->font(font);
  cairo_->colour(font.colour);
  const double width = text_width(text, font);
  const double back = align == Align::kLeft ? 0 : align == Align::kCentre ? width / 2 : width;
  const double down = 0.36 * font.size;  // from the middle of capital letters to their foot
  cairo_save(context);
  cairo_translate(context, at.x, at.y);
  if (upwards) cairo_rotate(context, -std::numbers::pi / 2);
  cairo_move_to(context, -back, down);
  cairo_show_text(context, copy.c_str());
  cairo_restore(context);
}

double Canvas::text_width(std::string_view text, const Font& font) {
  cairo_->font(font);
  cairo_text_extents_t extents;
  cairo_text_extents(cairo_->context, std::string(text).c_str(), &extents);
  return extents.x_advance;
}

void Canvas::clip_to(const Box& box) {
  cairo_save(cairo_->context);
  cairo_rectangle(cairo_->context, box.left, box.top, box.width, box.height);
  cairo_clip(cairo_->context);
}

void Canvas::unclip() { cairo_restore(cairo_->context); }

std::string Canvas::finish() {
  auto status = cairo_status(cairo_->context);
  if (status == CAIRO_STATUS_SUCCESS && cairo_->kind == FileKind::kPng)
    status = cairo_surface_write_to_png_stream(cairo_->surface, append, &cairo_->bytes);
  cairo_surface_finish(cairo_->surface);
  if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(cairo_->surface);
  if (status != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error(std::string("drawing a figure failed: ") + cairo_status_to_string(status));
  return cairo_->kind == FileKind::kSvg ? shortened(cairo_->bytes) : std::move(cairo_->bytes);
}

}  // namespace turbo::figure
