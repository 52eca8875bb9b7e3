#include "parquet/printable.h"

#include <cstdint>

namespace turbo {
namespace {

// Bytes of the character that the text begins with; 0: a control character, or no UTF-8.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const std::uint8_t second = byte(1);
  const bool control = first == 0xC2 && second < 0xA0;
  const bool too_long = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool no_character = (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
  return control || too_long || no_character ? 0 : length;
}

}  // namespace

std::string printable(std::string_view text, std::size_t most_bytes) {
  std::string line;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (line.size() + (length > 0 ? length : 1) > most_bytes) return line + "...";
    line.append(length > 0 ? text.substr(0, length) : "?");
    text.remove_prefix(length > 0 ? length : 1);
  }
  return line;
}

bool is_printable(std::string_view text, std::size_t most_bytes) {
  if (text.size() > most_bytes) return false;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace turbo
