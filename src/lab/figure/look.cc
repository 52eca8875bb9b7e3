#include "lab/figure/look.h"

#include <algorithm>
#include <array>

namespace turbo::figure {
namespace {

struct Row {
  int red, green, blue, ansi;
  Marker marker;
};

constexpr std::array<Row, 8> kRows{{
    {0x00, 0x72, 0xB2, 32, Marker::kCircle},
    {0xD5, 0x5E, 0x00, 166, Marker::kSquare},
    {0x00, 0x9E, 0x73, 36, Marker::kTriangle},
    {0xCC, 0x79, 0xA7, 175, Marker::kDiamond},
    {0xE6, 0x9F, 0x00, 178, Marker::kHollowCircle},
    {0x56, 0xB4, 0xE9, 74, Marker::kHollowSquare},
    {0x33, 0x33, 0x33, 245, Marker::kCross},
    {0x8C, 0x6D, 0x46, 137, Marker::kPlus},
}};

const std::array<std::vector<double>, 8> kDashes{{
    {},
    {5, 2},
    {1.2, 1.6},
    {6, 1.6, 1.2, 1.6},
    {2.6, 1.6},
    {8, 2, 2.6, 2},
    {6, 1.6, 1.2, 1.6, 1.2, 1.6},
    {10, 3},
}};

}  // namespace

Look look(std::size_t index) {
  const Row& row = kRows[index % kRows.size()];
  Look look;
  look.colour = {row.red / 255.0, row.green / 255.0, row.blue / 255.0};
  look.dashes = kDashes[(index + index / kRows.size()) % kDashes.size()];
  look.marker = row.marker;
  look.ansi = row.ansi;
  look.letter = static_cast<char>('a' + index % 26);
  return look;
}

std::vector<LegendEntry> legend_of(const Figure& figure) {
  std::vector<LegendEntry> legend;
  for (const auto& panel : figure.panels)
    for (const auto& series : panel.series)
      if (!series.name.empty() &&
          std::none_of(legend.begin(), legend.end(), [&](const auto& e) { return e.name == series.name; }))
        legend.push_back({series.name, series.mark, legend.size()});
  return legend;
}

std::size_t look_of(const std::vector<LegendEntry>& legend, const Series& series) {
  const auto found = std::find_if(legend.begin(), legend.end(),
                                  [&](const auto& entry) { return entry.name == series.name; });
  return found == legend.end() ? legend.size() : found->look;
}

}  // namespace turbo::figure
