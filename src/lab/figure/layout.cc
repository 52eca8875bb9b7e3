#include "lab/figure/layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lab/figure/bars.h"
#include "lab/figure/text_lines.h"

namespace turbo::figure {
namespace {

constexpr double kEdge = 8, kGap = 5, kLine = kLineDistance;
constexpr double kTickPt = 4;  // a tick and the space to its number
constexpr double kLegendGap = 14;
constexpr std::size_t kMaxColumns = 3, kMaxCaptionLines = 6;

struct Margins {
  double left = 0, right = 0, top = 0, bottom = 0;
};

double widest(const std::vector<Tick>& ticks, Canvas& measure) {
  double most = 0;
  for (const auto& tick : ticks) most = std::max(most, measure.text_width(tick.label, {kTextSize}));
  return most;
}

// How far a label below a frame reaches over its end.
double overhang(const Scale& scale, const std::vector<Tick>& ticks, double width, Canvas& measure) {
  double most = 0;
  for (const auto& tick : ticks)
    most = std::max(
        most, (scale.position(tick.value) - 1) * width + measure.text_width(tick.label, {kTextSize}) / 2);
  return most;
}

// As many as have room beside each other.
std::vector<Tick> ticks_below(const Scale& scale, double width, Canvas& measure) {
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
  const double width = figure.panel_width_pt, height = figure.panel_height_pt;
  if (has_bars(panel)) return {{0, 0, width, bars_height(panel)}, x, y, {}, ticks_below(y, width, measure)};
  return {{0, 0, width, height},
          x,
          y,
          ticks_below(x, width, measure),
          y.ticks(std::max(2, static_cast<int>(height / 28)))};
}

// The same around every panel, so that their frames stand in rows and columns.
Margins margins_of(const Figure& figure, const Layout& layout, Canvas& measure) {
  Margins margins;
  margins.right = kEdge;
  margins.bottom = kTickPt + kTextSize * kLine;
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    const auto& panel = figure.panels[i];
    const auto& placed = layout.panels[i];
    const bool lies = has_bars(panel);
    const auto& below = lies ? placed.y_ticks : placed.x_ticks;
    margins.left = std::max(
        margins.left, lies ? bar_names_width(panel, measure) : kTickPt + widest(placed.y_ticks, measure));
    if (lies) margins.right = std::max(margins.right, kEdge + bar_numbers_width(panel, measure));
    margins.right =
        std::max(margins.right, 2 + overhang(lies ? placed.y : placed.x, below, placed.frame.width, measure));
    const bool over = std::any_of(panel.rules.begin(), panel.rules.end(),
                                  [](const auto& rule) { return rule.vertical && !rule.text.empty(); });
    margins.top = std::max(
        margins.top, (panel.title.empty() ? 0 : kTextSize * kLine + 2) + (over ? kTextSize * kLine : 0));
    for (const auto& rule : panel.rules)
      if (!rule.vertical)
        margins.right = std::max(margins.right, kEdge + measure.text_width(rule.text, {kSmallSize + 1}));
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

// In columns of equal width, as many as fit; a name that is wider than the page has lines. Bars have theirs
// beside them. Returns the height taken.
double place_legend(const Figure& figure, double left, double top, double width, Canvas& measure,
                    Layout& layout) {
  auto entries = legend_of(figure);
  std::erase_if(entries, [](const auto& entry) { return entry.mark == Mark::kBars; });
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
  if (any([](const auto& panel) { return !has_bars(panel) && !panel.y.label.empty(); }))
    around.left += kGap + kTextSize * kLine;
  if (any([](const auto& panel) { return !(has_bars(panel) ? panel.y : panel.x).label.empty(); }))
    around.bottom += kTextSize * kLine;

  const std::size_t count = figure.panels.size();
  const std::size_t rows_at_least = (count + kMaxColumns - 1) / kMaxColumns;
  const std::size_t columns =
      std::min(figure.columns ? figure.columns : (count + rows_at_least - 1) / rows_at_least, count);
  const double cell_width = around.left + figure.panel_width_pt + around.right + kGap;
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
  double row_height = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Box& frame = layout.panels[i].frame;
    frame.left = kEdge + static_cast<double>(i % columns) * cell_width + around.left;
    if (i % columns == 0) y += std::exchange(row_height, 0);
    frame.top = y + around.top;
    row_height = std::max(row_height, around.top + frame.height + around.bottom + kGap);
  }
  y += row_height;
  layout.caption = caption_lines(figure.caption, text_width, measure);
  layout.caption_at = {text_left, y + kSmallSize * kLine / 2};
  y += static_cast<double>(layout.caption.size()) * kSmallSize * kLine;
  layout.height = std::ceil(y + kEdge);
  return layout;
}

}  // namespace turbo::figure
