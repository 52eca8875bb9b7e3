// Figures of drives.

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "lab/experiments/figures.h"
#include "lab/experiments/results.h"
#include "lab/figure/scale.h"

namespace turbo::experiments {
namespace {

constexpr double kLeastPromised = 90;  // where the axes begin at most, in %
constexpr double kBarsWidthPt = 300, kPromisePt = 130;
constexpr std::size_t kMostAside = 6, kUsualAside = 4, kMostPromises = 48;  // panels

// Means over scenarios, by their frames, and what each of them gained, in percentage points.
struct Gain {
  double utility = 0, clairvoyant = 0, vehicle = 0, frames = 0;
  std::vector<double> scenarios = {};

  void add(const DriveRow& row) {
    const auto weight = static_cast<double>(row.result.frames);
    utility += weight * row.result.utility;
    clairvoyant += weight * row.clairvoyant;
    vehicle += weight * row.result.vehicle_utility;
    frames += weight;
    scenarios.push_back(100 * (row.result.utility - row.result.vehicle_utility));
  }
  double mean() const { return 100 * (utility - vehicle) / frames; }
  double best() const { return 100 * (clairvoyant - vehicle) / frames; }
  std::string text() const {
    const std::string share = best() > 0 ? number_text(100 * mean() / best(), 0) + " %" : "-";
    return number_text(mean(), 2) + "   " + share;
  }
  double quantile(double share) const {
    std::vector<double> sorted = scenarios;
    std::sort(sorted.begin(), sorted.end());
    const double at = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (at - std::floor(at)) * (sorted[above] - sorted[below]);
  }
};

template <class Of>
bool differ(const std::vector<DriveRow>& rows, const Of& of) {
  return std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return of(row) != of(rows.front()); });
}

// What all rows have in common is told once, the rest in the names of panels, bars and links.
struct Names {
  bool policies, allocators, budgets, slos;

  explicit Names(const std::vector<DriveRow>& rows)
      : policies(differ(rows, [](const DriveRow& row) { return row.policy; })),
        allocators(differ(rows, [](const DriveRow& row) { return row.allocator; })),
        budgets(differ(rows, [](const DriveRow& row) { return row.budget; })),
        slos(differ(rows, [](const DriveRow& row) { return row.slo_ms; })) {}

  // Of a panel of bars: there is one an allocator.
  std::string bar(const DriveRow& row) const {
    if (policies && budgets) return row.policy + ", " + row.budget;
    return budgets ? row.budget : row.policy;
  }
  std::string bars(const DriveRow& row) const {
    std::string text = "allocator " + row.allocator;
    if (!policies && budgets) text += ", policy " + row.policy;
    if (!budgets) text += ", budget " + row.budget;
    return text;
  }
  std::string variant(const DriveRow& row) const {
    std::string text = policies ? row.policy : "";
    if (allocators) text += (text.empty() ? "" : ", ") + row.allocator;
    if (budgets) text += (text.empty() ? "" : ", ") + row.budget;
    return text;
  }
  std::string common(const DriveRow& row) const {
    std::string text;
    if (!policies) text += ", policy " + row.policy;
    if (!allocators) text += ", allocator " + row.allocator;
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

// A panel for each allocator, in it the links below each other, and at each of them the variants.
figure::Figure drives_of(const std::vector<DriveRow>& rows) {
  const Names names(rows);
  std::vector<std::string> links, variants, panels;
  std::map<std::string, std::map<std::string, std::map<std::size_t, Gain>>> gains;  // [panel][variant][link]
  for (const DriveRow& row : rows) {
    place_of(variants, names.bar(row));
    place_of(panels, names.bars(row));
    gains[names.bars(row)][names.bar(row)][place_of(links, names.link(row))].add(row);
  }
  figure::Figure figure{.title =
                            "Gain over the vehicle alone, and its share of the clairvoyant's; whiskers: "
                            "the middle half of the scenarios",
                        .columns = 1,
                        .panel_width_pt = kBarsWidthPt};
  for (const std::string& name : panels) {
    figure::Panel panel{.title = name};
    panel.x.categories = links;
    panel.y.label = "gain [percentage points]";
    std::map<std::size_t, double> best;  // of a link
    for (const std::string& variant : variants) {
      figure::Series series{.name = variant, .mark = figure::Mark::kBars};
      for (const auto& [link, gain] : gains[name][variant]) {
        if (gain.frames <= 0) continue;
        series.x.push_back(static_cast<double>(link));
        series.y.push_back(gain.mean());
        series.low.push_back(gain.scenarios.size() > 1 ? gain.quantile(0.25) : std::nan(""));
        series.high.push_back(gain.scenarios.size() > 1 ? gain.quantile(0.75) : std::nan(""));
        series.texts.push_back(gain.text());
        best[link] = gain.best();
      }
      panel.series.push_back(std::move(series));
    }
    figure::Series clairvoyant{.name = "clairvoyant", .mark = figure::Mark::kReference};
    for (const auto& [link, gain] : best) {
      clairvoyant.x.push_back(static_cast<double>(link));
      clairvoyant.y.push_back(gain);
    }
    panel.series.push_back(std::move(clairvoyant));
    figure.panels.push_back(std::move(panel));
  }
  share_y_axes(figure);
  return figure;
}

// Promises of one policy, allocator and budget.
struct Promises {
  std::string variant;
  figure::Series drives{.name = "a drive", .mark = figure::Mark::kPoints};
  double offloaded = 0, promised = 0, attained = 0;

  void add(const DriveResult& result) {
    drives.x.push_back(100 * *result.promised);
    drives.y.push_back(100 * *result.attained);
    const auto weight = static_cast<double>(result.offloaded);
    offloaded += weight;
    promised += weight * drives.x.back();
    attained += weight * drives.y.back();
  }
  figure::Series together() const {
    figure::Series series{.name = "all their frames together", .mark = figure::Mark::kPoints};
    if (offloaded > 0) series.x = {promised / offloaded}, series.y = {attained / offloaded};
    return series;
  }
};

// Panels in rows and columns that mean something: a row a policy, if there is room for that.
std::size_t columns_of(std::size_t panels, std::size_t policies) {
  const std::size_t each = panels / std::max<std::size_t>(1, policies);
  if (policies > 1 && each * policies == panels && each > 1 && each <= kMostAside) return each;
  return std::min(panels, kUsualAside);
}

// A panel for each variant, a point a drive; none: nothing was promised.
figure::Figure promises_of(const std::vector<DriveRow>& rows) {
  const Names names(rows);
  std::vector<std::string> variants;
  std::set<std::string> policies;
  std::vector<Promises> kept;  // of each variant
  double least = kLeastPromised;
  for (const DriveRow& row : rows) {
    const std::size_t place = place_of(variants, names.variant(row));
    if (place == kept.size()) kept.push_back({.variant = names.variant(row)});
    if (!row.result.promised || !row.result.attained) continue;
    policies.insert(row.policy);
    kept[place].add(row.result);
    least = std::min({least, kept[place].drives.x.back(), kept[place].drives.y.back()});
  }
  std::erase_if(kept, [](const Promises& promises) { return promises.drives.x.empty(); });
  figure::Figure figure{.panel_width_pt = kPromisePt, .panel_height_pt = kPromisePt};
  if (kept.empty()) return figure;
  figure.title = "Promised against attained: a point a drive" + names.common(rows.front());
  figure.columns = columns_of(kept.size(), policies.size());
  if (kept.size() > kMostPromises)
    figure.title +=
        " (the first " + std::to_string(kMostPromises) + " of " + std::to_string(kept.size()) + " variants)";
  const double low = 10 * std::floor(least / 10);
  for (std::size_t i = 0; i < std::min(kept.size(), kMostPromises); ++i) {
    figure::Panel panel{.title = kept[i].variant};
    panel.x = {.label = "promised in time [%]", .low = low, .high = 100};
    panel.y = {.label = "attained [%]", .low = low, .high = 100};
    panel.series = {
        kept[i].drives,
        kept[i].together(),
        {.name = "as promised", .x = {low, 100}, .y = {low, 100}, .mark = figure::Mark::kReference}};
    figure.panels.push_back(std::move(panel));
  }
  return figure;
}

}  // namespace

std::vector<NamedFigure> drive_figures(const std::vector<DriveRow>& rows, const std::string& caption) {
  std::vector<NamedFigure> figures;
  if (rows.empty()) return figures;
  figures.push_back({"drives", drives_of(rows)});
  if (figure::Figure promises = promises_of(rows); !promises.panels.empty())
    figures.push_back({"promises", std::move(promises)});
  for (NamedFigure& named : figures) named.figure.caption = caption;
  return figures;
}

}  // namespace turbo::experiments
