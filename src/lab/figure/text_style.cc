#include "lab/figure/text_style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

namespace turbo::figure {
namespace {

constexpr std::size_t kFewestColumns = 40, kMostColumns = 400, kDefaultColumns = 80;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::size_t columns() {
  const auto text = environment("COLUMNS");
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) {
    winsize size{};
    value = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kDefaultColumns;
  }
  return std::clamp(value, kFewestColumns, kMostColumns);
}

bool is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string locale(environment(name));
    if (locale.empty()) continue;
    std::transform(locale.begin(), locale.end(), locale.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

TextStyle text_style() {
  const auto term = environment("TERM");
  const bool colour =
      isatty(STDOUT_FILENO) && !term.empty() && term != "dumb" && environment("NO_COLOR").empty();
  return {columns(), is_utf8(), colour};
}

}  // namespace turbo::figure
