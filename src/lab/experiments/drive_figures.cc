// Figures of drives.

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "lab/experiments/figures.h"
#include "lab/experiments/tables.h"

namespace turbo::experiments {
namespace {

constexpr double kBarPt = 8, kLeastWidthPt = 420, kMostWidthPt = 1100;
constexpr double kLeastPromised = 90;  // where the axes begin at most, in %

// Means over scenarios, by their frames.
struct Mean {
  double utility = 0, clairvoyant = 0;
  void add(const DriveRow& row) {
    const auto weight = static_cast<double>(row.result.frames);
    utility += weight * row.result.utility;
    clairvoyant += weight * row.clairvoyant;
  }
};

template <class Of>
bool differ(const std::vector<DriveRow>& rows, const Of& of) {
  return std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return of(row) != of(rows.front()); });
}

// What all rows have in common is told once, the rest in the names of bars and points.
struct Names {
  bool policies, budgets, slos;

  explicit Names(const std::vector<DriveRow>& rows)
      : policies(differ(rows, [](const DriveRow& row) { return row.policy; })),
        budgets(differ(rows, [](const DriveRow& row) { return row.budget; })),
        slos(differ(rows, [](const DriveRow& row) { return row.slo_ms; })) {}

  std::string variant(const DriveRow& row) const {
    if (policies && budgets) return row.policy + ", " + row.budget;
    return budgets ? row.budget : row.policy;
  }
  std::string common(const DriveRow& row) const {
    std::string text = "allocator " + row.allocator;
    if (!policies && budgets) text += ", policy " + row.policy;
    if (!budgets) text += ", budget " + row.budget;
    return text;
  }
  std::string link(const DriveRow& row) const {
    std::string text = row.trace + "\nRTT " + number_text(row.rtt_ms, 0) + " ms";
    if (slos) text += "\nSLO " + number_text(row.slo_ms, 0) + " ms";
    return text;
  }
};

std::size_t place_of(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

// Allocators, then policies, in the order in which people expect them; else as they are.
std::vector<DriveRow> in_usual_order(std::vector<DriveRow> rows) {
  std::vector<std::string> allocators, policies;
  for (const DriveRow& row : rows) {
    place_of(allocators, row.allocator);
    place_of(policies, row.policy);
  }
  allocators = in_order(std::move(allocators));
  policies = in_order(std::move(policies));
  std::stable_sort(rows.begin(), rows.end(), [&](const DriveRow& a, const DriveRow& b) {
    const auto rank = [&](const DriveRow& row) {
      return std::pair(place_of(allocators, row.allocator), place_of(policies, row.policy));
    };
    return rank(a) < rank(b);
  });
  return rows;
}

// A panel for each allocator, in it the links beside each other, and at each of them the variants.
figure::Figure drives_of(const std::vector<DriveRow>& rows) {
  const Names names(rows);
  std::vector<std::string> links, variants, panels;
  std::map<std::string, std::map<std::string, std::map<std::size_t, Mean>>> means;  // [panel][variant][link]
  for (const DriveRow& row : rows) {
    place_of(variants, names.variant(row));
    place_of(panels, names.common(row));
    means[names.common(row)][names.variant(row)][place_of(links, names.link(row))].add(row);
  }
  figure::Figure figure{.title = "What drives were worth, by link: means over the scenarios", .columns = 1};
  double most = 100;
  for (const std::string& name : panels) {
    figure::Panel panel{.title = name};
    panel.x.categories = links;
    panel.y.label = "share of the clairvoyant's utility [%]";
    for (const std::string& variant : variants) {
      figure::Series series{.name = variant, .mark = figure::Mark::kBars};
      for (const auto& [link, mean] : means[name][variant]) {
        if (mean.clairvoyant <= 0) continue;
        series.x.push_back(static_cast<double>(link));
        series.y.push_back(100 * mean.utility / mean.clairvoyant);
        most = std::max(most, series.y.back());
      }
      panel.series.push_back(std::move(series));
    }
    figure.panels.push_back(std::move(panel));
  }
  for (figure::Panel& panel : figure.panels) panel.y.low = 0, panel.y.high = most;
  figure.panel_width_pt = std::clamp(kBarPt * static_cast<double>(links.size() * (variants.size() + 1)),
                                     kLeastWidthPt, kMostWidthPt);
  return figure;
}

// A point a drive; none: nothing was promised.
figure::Figure promises_of(const std::vector<DriveRow>& rows) {
  const Names names(rows);
  std::vector<std::string> variants;
  std::vector<figure::Series> kept;  // of each variant
  double least = kLeastPromised;
  for (const DriveRow& row : rows) {
    if (!row.result.promised || !row.result.attained) continue;
    const std::size_t place = place_of(variants, names.variant(row));
    if (place == kept.size()) kept.push_back({.name = variants.back(), .mark = figure::Mark::kPoints});
    figure::Series& series = kept[place];
    series.x.push_back(100 * *row.result.promised);
    series.y.push_back(100 * *row.result.attained);
    least = std::min({least, series.x.back(), series.y.back()});
  }
  figure::Figure figure{.title = "Promised against attained: a point a drive"};
  if (kept.empty()) return figure;
  const double low = 10 * std::floor(least / 10);
  figure::Panel panel;
  panel.x = {.label = "promised in time [%]", .low = low, .high = 100};
  panel.y = {.label = "attained [%]", .low = low, .high = 100};
  panel.series = std::move(kept);
  panel.series.push_back(
      {.name = "as promised", .x = {low, 100}, .y = {low, 100}, .mark = figure::Mark::kReference});
  figure.panels.push_back(std::move(panel));
  figure.panel_height_pt = figure.panel_width_pt;
  return figure;
}

}  // namespace

std::vector<NamedFigure> drive_figures(const std::vector<DriveRow>& given, const std::string& caption) {
  std::vector<NamedFigure> figures;
  if (given.empty()) return figures;
  const std::vector<DriveRow> rows = in_usual_order(given);
  figures.push_back({"drives", drives_of(rows)});
  if (figure::Figure promises = promises_of(rows); !promises.panels.empty())
    figures.push_back({"promises", std::move(promises)});
  for (NamedFigure& named : figures) named.figure.caption = caption;
  return figures;
}

}  // namespace turbo::experiments
