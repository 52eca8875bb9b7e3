#include "lab/figure/text_lines.h"

#include <sstream>
#include <utility>

namespace turbo::figure {
namespace {

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

// Of a word that is too wide, the end of what fits: after a comma or slash in its second half, if there is
// one.
std::size_t break_in(const std::string& word, double width, const Font& font, Canvas& measure) {
  std::size_t fits = 0, good = 0;
  for (std::size_t end = 1; end < word.size(); ++end) {
    if (!begins_character(word[end])) continue;
    if (fits > 0 && measure.text_width(word.substr(0, end), font) > width) break;
    fits = end;
    if (word[end - 1] == ',' || word[end - 1] == '/') good = end;
  }
  if (fits == 0) return word.size();
  return 2 * good > fits ? good : fits;
}

}  // namespace

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> wrapped(const std::string& text, double width, const Font& font, Canvas& measure) {
  std::vector<std::string> lines;
  for (const std::string& given : lines_of(text)) {
    std::istringstream words(given);
    std::string line;
    for (std::string word; words >> word;) {
      const std::string longer = line.empty() ? word : line + " " + word;
      if (measure.text_width(longer, font) <= width) {
        line = longer;
        continue;
      }
      if (!line.empty()) lines.push_back(std::exchange(line, ""));
      while (measure.text_width(word, font) > width && word.size() > 1) {
        const std::size_t end = break_in(word, width, font, measure);
        lines.push_back(word.substr(0, end));
        word.erase(0, end);
      }
      line = word;
    }
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

std::string shortened(const std::string& text, double width, const Font& font, Canvas& measure) {
  if (measure.text_width(text, font) <= width) return text;
  std::vector<std::string> characters;
  for (const char byte : text) {
    if (begins_character(byte) || characters.empty()) characters.emplace_back();
    characters.back() += byte;
  }
  for (std::size_t kept = characters.size() - 1; kept > 1; --kept) {
    std::string shorter;
    const std::size_t front = (kept + 1) / 2, back = characters.size() - (kept - front);
    for (std::size_t i = 0; i < front; ++i) shorter += characters[i];
    shorter += "…";
    for (std::size_t i = back; i < characters.size(); ++i) shorter += characters[i];
    if (measure.text_width(shorter, font) <= width) return shorter;
  }
  return "…";
}

}  // namespace turbo::figure
