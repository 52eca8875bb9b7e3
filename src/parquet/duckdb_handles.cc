#include "parquet/duckdb_handles.h"

#include <string_view>

namespace turbo::duck {
namespace {

// Of a result that broke off while it was read, DuckDB says this first, and then why.
constexpr std::string_view kBrokeOff = "Attempting to execute an unsuccessful or closed pending query result";
constexpr std::size_t kMaxLength = 500;

}  // namespace

std::string one_line(const char* message) {
  std::string_view text = message == nullptr ? "unknown error" : message;
  if (const auto broke_off = text.find(kBrokeOff); broke_off != std::string_view::npos) {
    text.remove_prefix(broke_off + kBrokeOff.size());
    while (text.starts_with('\n')) text.remove_prefix(1);
    if (text.starts_with("Error: ")) text.remove_prefix(7);
  }
  text = text.substr(0, text.find("\n\nLINE "));
  for (const std::string_view kind : {"IO Error: ", "Invalid Input Error: ", "Binder Error: "})
    if (text.starts_with(kind)) text.remove_prefix(kind.size());
  std::string line;
  for (const char c : text.substr(0, kMaxLength)) line += c >= 0 && c < ' ' ? ' ' : c;
  return line;
}

}  // namespace turbo::duck
