#include "lab/figure/text_chart.h"

#include <algorithm>
#include <cmath>

#include "lab/figure/look.h"
#include "lab/figure/series_path.h"
#include "lab/figure/text_grid.h"

namespace turbo::figure {
namespace {

constexpr std::size_t kMostColumns = 110;  // wider is no clearer
constexpr std::size_t kMostBarLabel = 30;

// Columns that it takes: a letter of several bytes takes one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string right(const std::string& text, std::size_t width) {
  const std::size_t own = width_of(text);
  return (own < width ? std::string(width - own, ' ') : "") + text;
}

std::string left(const std::string& text, std::size_t width) {
  const std::size_t own = width_of(text);
  return text + (own < width ? std::string(width - own, ' ') : "");
}

std::string repeated(const char* text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// What has no ASCII form of its own among our labels: powers of ten.
std::string label_text(std::string label, const TextStyle& style) {
  if (style.unicode || width_of(label) == label.size()) return label;
  static constexpr std::pair<const char*, const char*> kPlain[] = {
      {"×10", "e"}, {"⁻", "-"}, {"⁰", "0"}, {"¹", "1"}, {"²", "2"}, {"³", "3"}, {"⁴", "4"},
      {"⁵", "5"},   {"⁶", "6"}, {"⁷", "7"}, {"⁸", "8"}, {"⁹", "9"}, {"–", "-"}, {"…", "..."}};
  if (label.starts_with("10")) label.replace(0, 2, "1e");
  for (const auto& [from, to] : kPlain)
    for (auto at = label.find(from); at != std::string::npos; at = label.find(from))
      label.replace(at, std::string(from).size(), to);
  return label;
}

class TextPanel {
 public:
  TextPanel(const Panel& panel, const std::vector<LegendEntry>& legend, const TextStyle& style,
            std::size_t rows)
      : panel_(panel), legend_(legend), style_(style), rows_(rows), x_(x_scale(panel)), y_(y_scale(panel)) {}

  std::string text() {
    std::string out = panel_.title.empty() ? "" : panel_.title + "\n";
    const bool bars = std::any_of(panel_.series.begin(), panel_.series.end(),
                                  [](const auto& series) { return series.mark == Mark::kBars; });
    return out + (bars ? lying_bars() : chart());
  }

 private:
  std::size_t columns() const { return std::min(style_.columns, kMostColumns); }

  std::string chart() {
    auto y_ticks = y_.ticks(static_cast<int>(rows_ / 3 + 1));
    std::size_t gutter = 0;
    for (auto& tick : y_ticks)
      gutter = std::max(gutter, width_of(tick.label = label_text(tick.label, style_)));
    TextGrid grid(columns() - gutter - 3, rows_, style_);
    fill(grid);
    std::vector<std::string> labels(rows_);
    for (const auto& tick : y_ticks)
      if (!tick.label.empty()) labels[grid.row_of(y_.position(tick.value))] = tick.label;
    std::string out = panel_.y.label.empty() ? "" : std::string(gutter + 2, ' ') + panel_.y.label + "\n";
    for (std::size_t row = 0; row < rows_; ++row) {
      const char* edge = labels[row].empty() ? (style_.unicode ? "│" : "|") : (style_.unicode ? "┤" : "+");
      out += right(labels[row], gutter) + " " + edge + grid.row(row) + "\n";
    }
    return out + x_axis(grid, gutter) + rule_lines(gutter);
  }

  void fill(TextGrid& grid) const {
    for (const auto& rule : panel_.rules) {
      const Scale& scale = rule.vertical ? x_ : y_;
      if (scale.shows(rule.at)) grid.rule(rule.vertical, scale.position(rule.at));
    }
    for (const auto& series : panel_.series) {
      const std::size_t own = look_of(legend_, series);
      if (series.mark == Mark::kPoints) {
        for (const auto& p : shown_points(series, x_, y_)) draw(grid, p, p, own);
        continue;
      }
      for (const auto& path : line_paths(series, x_, y_))
        for (std::size_t i = 0; i < path.size(); ++i) draw(grid, path[i ? i - 1 : 0], path[i], own);
    }
    if (panel_.series.size() > 1)
      for (const auto& series : panel_.series) grid.letters(look_of(legend_, series), panel_.series.size());
  }

  void draw(TextGrid& grid, Point from, Point to, std::size_t own) const {
    grid.line(x_.position(from.x), y_.position(from.y), x_.position(to.x), y_.position(to.y), own);
  }

  // The axis' line with its ticks, their numbers, the label.
  std::string x_axis(const TextGrid& grid, std::size_t gutter) const {
    const std::size_t width = columns() - gutter - 3;
    std::vector<const char*> line(width, style_.unicode ? "─" : "-");
    std::string numbers(gutter + 2 + width, ' ');
    std::size_t free_from = 0;
    for (const auto& tick : x_.ticks(static_cast<int>(columns() / 12))) {
      const std::string label = label_text(tick.label, {style_.columns, false});
      if (label.empty()) continue;
      const std::size_t column = grid.column_of(x_.position(tick.value));
      const std::size_t half = label.size() / 2, at = gutter + 2 + column;
      const std::size_t start =
          std::min(at > half ? at - half : 0, numbers.size() - std::min(numbers.size(), label.size()));
      if (start < free_from || start + label.size() > numbers.size()) continue;
      line[column] = style_.unicode ? "┴" : "+";
      numbers.replace(start, label.size(), label);
      free_from = start + label.size() + 1;
    }
    std::string out = right("", gutter + 1) + (style_.unicode ? "└" : "+");
    for (const char* piece : line) out += piece;
    numbers.erase(numbers.find_last_not_of(' ') + 1);
    out += "\n" + numbers + "\n";
    if (panel_.x.label.empty()) return out;
    const std::size_t own = width_of(panel_.x.label),
                      room = gutter + 2 + (width > own ? (width - own) / 2 : 0);
    return out + std::string(room, ' ') + panel_.x.label + "\n";
  }

  std::string rule_lines(std::size_t gutter) const {
    std::string out;
    for (const auto& rule : panel_.rules) {
      const char* sign = style_.unicode ? (rule.vertical ? "┊" : "┈") : (rule.vertical ? ":" : ".");
      if (!rule.text.empty()) out += std::string(gutter + 2, ' ') + sign + " " + rule.text + "\n";
    }
    return out;
  }

  std::string category(double x) const {
    const auto& names = panel_.x.categories;
    const bool named = x >= 0 && x < static_cast<double>(names.size());
    return named ? names[static_cast<std::size_t>(x)] : label_text(number_text(x), style_);
  }

  // A line a bar: the places of the x axis below each other, in each of them the series.
  std::string lying_bars() const {
    std::vector<double> places;
    std::size_t name_width = 0;
    for (const auto& series : panel_.series) {
      for (const double x : series.x)
        if (x_.shows(x)) places.push_back(x);
      name_width = std::max(name_width, std::min(width_of(series.name), kMostBarLabel));
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    std::string out = panel_.y.label.empty() ? "" : panel_.y.label + "\n";
    for (const double place : places) {
      if (!panel_.x.label.empty() || !panel_.x.categories.empty()) {
        const bool named = !panel_.x.categories.empty();
        out += (named ? "" : panel_.x.label + " ") + category(place) + "\n";
      }
      for (const auto& series : panel_.series)
        for (std::size_t i = 0; i < series.x.size(); ++i)
          if (series.x[i] == place && y_.shows(series.y[i]))
            out += "  " + left(series.name, name_width) + " " + bar(series, i, name_width) + "\n";
    }
    return out;
  }

  std::string bar(const Series& series, std::size_t i, std::size_t name_width) const {
    const double value = series.y[i];
    const std::string text = series.texts.empty() ? number_text(value) : series.texts[i];
    static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const std::size_t room_of_text = std::max<std::size_t>(10, width_of(text));
    const double most = std::max(std::abs(y_.low()), std::abs(y_.high()));
    const double room = static_cast<double>(columns() - std::min(columns(), name_width + 4 + room_of_text));
    const double cells = std::clamp(std::abs(value) / most, 0.0, 1.0) * room;
    const auto whole = static_cast<std::size_t>(cells);
    std::string drawn = repeated(style_.unicode ? "█" : "#", whole);
    if (style_.unicode) drawn += kEighths[static_cast<std::size_t>((cells - std::floor(cells)) * 8)];
    return coloured(drawn, look_of(legend_, series), style_) + (drawn.empty() ? "" : " ") +
           label_text(text, style_);
  }

  const Panel& panel_;
  const std::vector<LegendEntry>& legend_;
  const TextStyle& style_;
  std::size_t rows_;
  Scale x_, y_;
};

// "a exact   b greedy", in lines of the width there is. Bars have their names beside them.
std::string legend_lines(const std::vector<LegendEntry>& legend, const TextStyle& style) {
  std::string out, line;
  std::size_t used = 0;
  for (const auto& entry : legend) {
    if (entry.mark == Mark::kBars) continue;
    const std::size_t width = 5 + width_of(entry.name);
    if (used > 0 && used + width > style.columns) {
      out += line + "\n";
      line.clear(), used = 0;
    }
    line += (used ? "   " : "  ") + coloured(std::string(1, look(entry.look).letter), entry.look, style) +
            " " + entry.name;
    used += width;
  }
  return line.empty() ? out : out + line + "\n";
}

}  // namespace

std::string text_chart(const Figure& figure, const TextStyle& style, std::size_t rows) {
  check(figure);
  const auto legend = legend_of(figure);
  std::string out = figure.title.empty() ? "" : figure.title + "\n";
  if (legend.size() > 1) out += legend_lines(legend, style);
  for (const auto& panel : figure.panels)
    out += TextPanel(panel, legend, style, std::max<std::size_t>(4, rows)).text();
  return out;
}

}  // namespace turbo::figure
