#include "lab/figure/layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace turbo::figure {
namespace {

constexpr double kEdge = 8, kGap = 5, kLine = 1.35;  // kLine: line distance over text size
constexpr double kTickPt = 4;                        // a tick and the space to its number
constexpr double kLegendGap = 14;
constexpr std::size_t kMaxColumns = 3, kMaxCaptionLines = 4;

struct Margins {
  double left = 0, right = 0, top = 0, bottom = 0;
};

double widest(const std::vector<Tick>& ticks, Canvas& measure) {
  double most = 0;
  for (const auto& tick : ticks) most = std::max(most, measure.text_width(tick.label, {kTextSize}));
  return most;
}

std::vector<Tick> category_ticks(const Axis& axis) {
  std::vector<Tick> ticks;
  for (std::size_t i = 0; i < axis.categories.size(); ++i)
    ticks.push_back({static_cast<double>(i), axis.categories[i]});
  return ticks;
}

// As many as have room beside each other.
std::vector<Tick> x_ticks(const Panel& panel, const Scale& scale, double width, Canvas& measure) {
  if (!panel.x.categories.empty()) return category_ticks(panel.x);
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
  return {{0, 0, figure.panel_width_pt, figure.panel_height_pt},
          x,
          y,
          x_ticks(panel, x, figure.panel_width_pt, measure),
          y.ticks(std::max(2, static_cast<int>(figure.panel_height_pt / 28)))};
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
    if (!placed.x_ticks.empty())  // the last number may reach over the frame
      margins.right =
          std::max(margins.right, 2 + measure.text_width(placed.x_ticks.back().label, {kTextSize}) / 2);
  }
  margins.bottom = kTickPt + kTextSize * kLine;
  return margins;
}

std::vector<std::string> wrapped(const std::string& text, double width, const Font& font, Canvas& measure) {
  std::vector<std::string> lines;
  std::string line, word;
  const auto end_word = [&] {
    if (word.empty()) return;
    const std::string longer = line.empty() ? word : line + " " + word;
    if (!line.empty() && measure.text_width(longer, font) > width) {
      lines.push_back(line);
      line = word;
    } else {
      line = longer;
    }
    word.clear();
  };
  for (const char c : text) {
    if (c == ' ' || c == '\n') end_word();
    if (c == '\n' && !line.empty()) lines.push_back(std::exchange(line, ""));
    if (c != ' ' && c != '\n') word += c;
  }
  end_word();
  if (!line.empty()) lines.push_back(line);
  if (lines.size() > kMaxCaptionLines) {
    lines.resize(kMaxCaptionLines);
    lines.back() += " …";
  }
  return lines;
}

// In columns of equal width, as many as fit. Returns the height taken.
double place_legend(const Figure& figure, double left, double top, double width, Canvas& measure,
                    Layout& layout) {
  const auto entries = legend_of(figure);
  if (entries.empty()) return 0;
  double cell = 0;
  for (const auto& entry : entries)
    cell = std::max(cell, kLegendSample + 4 + measure.text_width(entry.name, {kTextSize}));
  const auto fitting =
      static_cast<std::size_t>(std::max(1.0, std::floor((width + kLegendGap) / (cell + kLegendGap))));
  const std::size_t rows = (entries.size() + fitting - 1) / fitting,
                    columns = (entries.size() + rows - 1) / rows;
  for (std::size_t i = 0; i < entries.size(); ++i)
    layout.legend.push_back({entries[i],
                             {left + static_cast<double>(i % columns) * (cell + kLegendGap),
                              top + (static_cast<double>(i / columns) + 0.5) * kTextSize * kLine}});
  return static_cast<double>(rows) * kTextSize * kLine + kGap;
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
  layout.caption = wrapped(figure.caption, text_width, {kSmallSize}, measure);
  layout.caption_at = {text_left, y + kSmallSize * kLine / 2};
  y += static_cast<double>(layout.caption.size()) * kSmallSize * kLine;
  layout.height = std::ceil(y + kEdge);
  return layout;
}

}  // namespace turbo::figure
