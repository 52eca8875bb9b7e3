#include "lab/figure/figure_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "lab/figure/drawing.h"

namespace turbo::figure {

FileKind file_kind(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending == ".svg") return FileKind::kSvg;
  if (ending == ".png") return FileKind::kPng;
  if (ending == ".pdf") return FileKind::kPdf;
  throw std::invalid_argument(path + ": a figure's name ends in .svg, .png or .pdf");
}

std::string picture(const Figure& figure, FileKind kind) {
  check(figure);
  Canvas measure(FileKind::kPng, 1, 1);
  const Layout layout = make_layout(figure, measure);
  Canvas canvas(kind, layout.width, layout.height);
  draw(figure, layout, canvas);
  return canvas.finish();
}

void write_figure(const Figure& figure, const std::string& path) {
  const std::string bytes = picture(figure, file_kind(path));
  const std::string fresh = path + ".part-" + std::to_string(::getpid());
  std::ofstream out(fresh, std::ios::binary);
  out << bytes;
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(fresh, path, error);
  if (out && !error) return;
  const std::string why = error ? error.message() : std::strerror(errno);
  std::filesystem::remove(fresh, error);
  throw std::runtime_error("writing " + path + " failed: " + why);
}

}  // namespace turbo::figure
