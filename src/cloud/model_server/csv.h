#pragma once
// CSV as the recordings have it: commas, no quotes inside a field (quotes around one are taken off).

#include <string>
#include <string_view>
#include <vector>

namespace turbo {

inline std::vector<std::string> split_csv(std::string_view line) {
  std::vector<std::string> fields;
  while (true) {
    const auto comma = line.find(',');
    auto field = line.substr(0, comma);
    constexpr std::string_view kAround = " \t\r\"";
    const auto first = field.find_first_not_of(kAround);
    field = first == std::string_view::npos
                ? ""
                : field.substr(first, field.find_last_not_of(kAround) - first + 1);
    fields.emplace_back(field);
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

}  // namespace turbo
