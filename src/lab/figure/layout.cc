#include "lab/figure/layout.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "lab/figure/text_lines.h"

namespace turbo::figure {
namespace {

constexpr double kEdge = 8, kGap = 5, kLine = 1.35;  // kLine: line distance over text size
constexpr double kTickPt = 4;                        // a tick and the space to its number
constexpr double kLegendGap = 14;
constexpr std::size_t kMaxColumns = 3, kMaxCaptionLines = 6;
constexpr std::size_t kMaxCategoryLines = 3;
constexpr double kCategoryGap = 6;    // between the names of neighbours
constexpr double kMostUpright = 120;  // of a name that has no room beside its neighbours

struct Margins {
  double left = 0, right = 0, top = 0, bottom = 0;
};

double widest(const std::vector<Tick>& ticks, Canvas& measure) {
  double most = 0;
  for (const auto& tick : ticks) most = std::max(most, measure.text_width(tick.label, {kTextSize}));
  return most;
}

std::string joined(const std::vector<std::string>& lines, const char* between) {
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i > 0 ? between : "") + lines[i];
  return text;
}

// "a-rather…afternoon, RTT 36 ms": only the first line is shortened.
std::string upright_name(const std::string& name, Canvas& measure) {
  auto lines = lines_of(name);
  const Font font{kTextSize};
  const std::string first = lines.front();
  lines.front().clear();
  const std::string rest = joined(lines, ", ");
  const double room = std::max(kMostUpright / 3, kMostUpright - measure.text_width(rest, font));
  return shortened(first, room, font, measure) + rest;
}

// Names that have room beside each other in a few lines lie, else all of them stand.
void place_categories(const Panel& panel, double width, Canvas& measure, PlacedPanel& placed) {
  const auto& names = panel.x.categories;
  const double room = width / static_cast<double>(names.size()) - kCategoryGap;
  const Font font{kTextSize};
  for (const std::string& name : names) {
    std::istringstream words(name);
    for (std::string word; words >> word;)
      placed.upright = placed.upright || measure.text_width(word, font) > room;
    placed.upright = placed.upright || wrapped(name, room, font, measure).size() > kMaxCategoryLines;
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    placed.x_ticks.push_back(
        {static_cast<double>(i), placed.upright ? upright_name(names[i], measure)
                                                : joined(wrapped(names[i], room, font, measure), "\n")});
}

// How far labels reach below the axis.
double labels_height(const PlacedPanel& placed, Canvas& measure) {
  double most = kTextSize * kLine;
  if (placed.upright) return std::max(most, widest(placed.x_ticks, measure));
  for (const auto& tick : placed.x_ticks)
    most = std::max(most, static_cast<double>(lines_of(tick.label).size()) * kTextSize * kLine);
  return most;
}

// How far a label reaches over the end of its axis.
double overhang(const PlacedPanel& placed, double width, Canvas& measure) {
  double most = 0;
  for (const auto& tick : placed.x_ticks)
    for (const std::string& line : lines_of(tick.label)) {
      const double half = placed.upright ? kTextSize / 2 : measure.text_width(line, {kTextSize}) / 2;
      most = std::max(most, (placed.x.position(tick.value) - 1) * width + half);
    }
  return most;
}

// As many as have room beside each other.
std::vector<Tick> x_ticks(const Scale& scale, double width, Canvas& measure) {
  for (int about = 8; about > 2; --about) {
    auto ticks = scale.ticks(about);
    double before = -1e9;
    bool apart = true;
    for (const auto& tick : ticks) {
      if (tick.label.empty()) continue;
      const double half = measure.text_width(tick.label, {kTextSize}) / 2,
                   at = scale.position(tick.value) * width;
      apart = apart && at - half > before + 4;
      before = at + half;
    }
    if (apart) return ticks;
  }
  return scale.ticks(2);
}

PlacedPanel place(const Panel& panel, const Figure& figure, Canvas& measure) {
  const Scale x = x_scale(panel), y = y_scale(panel);
  PlacedPanel placed{{0, 0, figure.panel_width_pt, figure.panel_height_pt},
                     x,
                     y,
                     {},
                     y.ticks(std::max(2, static_cast<int>(figure.panel_height_pt / 28)))};
  if (panel.x.categories.empty())
    placed.x_ticks = x_ticks(x, figure.panel_width_pt, measure);
  else
    place_categories(panel, figure.panel_width_pt, measure, placed);
  return placed;
}

// The same around every panel, so that their frames stand in rows and columns.
Margins margins_of(const Figure& figure, const Layout& layout, Canvas& measure) {
  Margins margins;
  margins.right = kEdge;
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    const auto& panel = figure.panels[i];
    const auto& placed = layout.panels[i];
    margins.left = std::max(margins.left, kTickPt + widest(placed.y_ticks, measure));
    const bool over = std::any_of(panel.rules.begin(), panel.rules.end(),
                                  [](const auto& rule) { return rule.vertical && !rule.text.empty(); });
    margins.top = std::max(
        margins.top, (panel.title.empty() ? 0 : kTextSize * kLine + 2) + (over ? kTextSize * kLine : 0));
    for (const auto& rule : panel.rules)
      if (!rule.vertical)
        margins.right = std::max(margins.right, kEdge + measure.text_width(rule.text, {kSmallSize + 1}));
    margins.right = std::max(margins.right, 2 + overhang(placed, figure.panel_width_pt, measure));
    margins.bottom = std::max(margins.bottom, kTickPt + labels_height(placed, measure));
  }
  return margins;
}

std::vector<std::string> caption_lines(const std::string& text, double width, Canvas& measure) {
  auto lines = wrapped(text, width, {kSmallSize}, measure);
  if (lines.size() <= kMaxCaptionLines) return lines;
  lines.resize(kMaxCaptionLines);
  while (!lines.back().empty() && measure.text_width(lines.back() + " …", {kSmallSize}) > width)
    lines.back().pop_back();
  lines.back() += " …";
  return lines;
}

// In columns of equal width, as many as fit; a name that is wider than the page has lines. Returns the height
// taken.
double place_legend(const Figure& figure, double left, double top, double width, Canvas& measure,
                    Layout& layout) {
  const auto entries = legend_of(figure);
  if (entries.empty()) return 0;
  const Font font{kTextSize};
  double cell = 0;
  for (const auto& entry : entries)
    cell = std::max(cell, kLegendSample + 4 + measure.text_width(entry.name, font));
  cell = std::min(cell, width);
  const auto fitting =
      static_cast<std::size_t>(std::max(1.0, std::floor((width + kLegendGap) / (cell + kLegendGap))));
  const std::size_t rows = (entries.size() + fitting - 1) / fitting,
                    columns = (entries.size() + rows - 1) / rows;
  std::size_t lines_above = 0, most_lines = 1;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0 && i % columns == 0) lines_above += std::exchange(most_lines, 1);
    auto lines = wrapped(entries[i].name, cell - kLegendSample - 4 + 0.01, font, measure);
    most_lines = std::max(most_lines, lines.size());
    layout.legend.push_back({entries[i],
                             {left + static_cast<double>(i % columns) * (cell + kLegendGap),
                              top + (static_cast<double>(lines_above) + 0.5) * kTextSize * kLine},
                             std::move(lines)});
  }
  return static_cast<double>(lines_above + most_lines) * kTextSize * kLine + kGap;
}

}  // namespace

Layout make_layout(const Figure& figure, Canvas& measure) {
  Layout layout;
  for (const auto& panel : figure.panels) layout.panels.push_back(place(panel, figure, measure));
  const auto any = [&](const auto& property) {
    return std::any_of(figure.panels.begin(), figure.panels.end(), property);
  };
  Margins around = margins_of(figure, layout, measure);
  layout.y_label_left = around.left + kGap + kTextSize / 2;
  layout.x_label_below = around.bottom + kTextSize / 2;
  if (any([](const auto& panel) { return !panel.y.label.empty(); })) around.left += kGap + kTextSize * kLine;
  if (any([](const auto& panel) { return !panel.x.label.empty(); })) around.bottom += kTextSize * kLine;

  const std::size_t count = figure.panels.size();
  const std::size_t rows_at_least = (count + kMaxColumns - 1) / kMaxColumns;
  const std::size_t columns =
      std::min(figure.columns ? figure.columns : (count + rows_at_least - 1) / rows_at_least, count);
  const std::size_t rows = (count + columns - 1) / columns;
  const double cell_width = around.left + figure.panel_width_pt + around.right + kGap;
  const double cell_height = around.top + figure.panel_height_pt + around.bottom + kGap;
  const double text_left = kEdge + around.left;
  layout.width = std::ceil(2 * kEdge + static_cast<double>(columns) * cell_width - kGap);
  const double text_width = layout.width - text_left - around.right;

  double y = kEdge;
  if (!figure.title.empty()) {
    layout.title = wrapped(figure.title, text_width, {kTitleSize, true}, measure);
    layout.title_at = {text_left, y + kTitleSize * kLine / 2};
    y += static_cast<double>(layout.title.size()) * kTitleSize * kLine + 3;
  }
  y += place_legend(figure, text_left, y, text_width, measure, layout);
  for (std::size_t i = 0; i < layout.panels.size(); ++i) {
    Box& frame = layout.panels[i].frame;
    frame.left = kEdge + static_cast<double>(i % columns) * cell_width + around.left;
    frame.top = y + static_cast<double>(i / columns) * cell_height + around.top;
  }
  y += static_cast<double>(rows) * cell_height;
  layout.caption = caption_lines(figure.caption, text_width, measure);
  layout.caption_at = {text_left, y + kSmallSize * kLine / 2};
  y += static_cast<double>(layout.caption.size()) * kSmallSize * kLine;
  layout.height = std::ceil(y + kEdge);
  return layout;
}

}  // namespace turbo::figure
