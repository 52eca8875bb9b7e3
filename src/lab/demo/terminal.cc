#include "lab/demo/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace turbo {
namespace {

bool set_in_environment(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

bool is_dumb() {
  const char* term = std::getenv("TERM");
  return !term || std::strcmp(term, "dumb") == 0;
}

std::size_t columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// Escape sequences take no column; a letter of several bytes takes one. A line that wrapped could not be
// drawn over.
std::string fitted(const std::string& line, std::size_t width) {
  std::size_t shown = 0;
  bool escape = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto c = static_cast<unsigned char>(line[i]);
    if (escape) {
      escape = c != 'm';
    } else if (c == 0x1b) {
      escape = true;
    } else if ((c & 0xc0) != 0x80 && ++shown > width) {
      return line.substr(0, i) + (line.find('\x1b') < i ? "\x1b[0m" : "");
    }
  }
  return line;
}

}  // namespace

Terminal::Terminal()
    : redraws_(isatty(STDOUT_FILENO) && !is_dumb()), colour_(redraws_ && !set_in_environment("NO_COLOR")) {}

void Terminal::erase() {
  if (drawn_ > 0) std::printf("\x1b[%zuF\x1b[J", drawn_);
  drawn_ = 0;
}

void Terminal::draw(const std::vector<std::string>& lines) {
  erase();
  const std::size_t width = columns();
  for (const auto& line : lines) std::printf("%s\n", fitted(line, width).c_str());
  drawn_ = lines.size();
  block_ = lines;
  std::fflush(stdout);
}

void Terminal::say(const std::string& line) {
  const auto block = block_;
  erase();
  std::printf("%s\n", line.c_str());
  if (redraws_ && !block.empty()) draw(block);
  std::fflush(stdout);
}

void Terminal::leave() {
  drawn_ = 0;
  block_.clear();
}

}  // namespace turbo
