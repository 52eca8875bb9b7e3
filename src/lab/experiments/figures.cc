#include "lab/experiments/figures.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "lab/experiments/tables.h"
#include "lab/figure/figure_file.h"

namespace turbo::experiments {
namespace {

constexpr std::size_t kMostPanels = 6;
constexpr const char* kExact = "exact";
constexpr const char* kClairvoyant = "clairvoyant";

// Means over scenarios, by their frames.
struct Mean {
  double utility = 0, clairvoyant = 0, vehicle = 0, frames = 0;
  void add(double weight, double one, double best, double none) {
    utility += weight * one;
    clairvoyant += weight * best;
    vehicle += weight * none;
    frames += weight;
  }
};

using Setting = std::pair<double, double>;            // SLO, RTT
using Variant = std::pair<std::string, std::string>;  // policy, allocator
using ByBandwidth = std::map<double, Mean>;
using SweepMeans = std::map<Setting, std::map<Variant, ByBandwidth>>;

SweepMeans means_of(const std::vector<SweepRow>& rows) {
  SweepMeans means;
  for (const SweepRow& row : rows)
    means[{row.point.slo_ms, row.point.rtt_ms}][{row.policy, row.allocator}][row.point.bandwidth_mbps].add(
        static_cast<double>(row.frames), row.result.utility, row.clairvoyant, row.vehicle_utility);
  return means;
}

std::string title_of(const Setting& setting) {
  return "SLO " + number_text(setting.first, 0) + " ms, RTT " + number_text(setting.second, 0) + " ms";
}

figure::Series series_of(const std::string& name, const ByBandwidth& means, double (*value)(const Mean&)) {
  figure::Series series{.name = name};
  for (const auto& [bandwidth, mean] : means) {
    series.x.push_back(bandwidth);
    series.y.push_back(value(mean));
  }
  return series;
}

double utility(const Mean& mean) { return mean.utility / mean.frames; }
double best_utility(const Mean& mean) { return mean.clairvoyant / mean.frames; }
double gain(const Mean& mean) { return 100 * (mean.utility - mean.vehicle) / mean.frames; }
double best_gain(const Mean& mean) { return 100 * (mean.clairvoyant - mean.vehicle) / mean.frames; }

// Lines that lie on each other in every panel become one: "exact = greedy". The clairvoyant stays.
void join_same_lines(figure::Figure& figure) {
  if (figure.panels.empty()) return;
  const auto same = [&](std::size_t a, std::size_t b) {
    return std::all_of(figure.panels.begin(), figure.panels.end(), [&](const figure::Panel& panel) {
      return panel.series.size() == figure.panels[0].series.size() &&
             panel.series[a].x == panel.series[b].x &&
             std::equal(panel.series[a].y.begin(), panel.series[a].y.end(), panel.series[b].y.begin(),
                        [](double x, double y) { return std::abs(x - y) < 1e-9; });
    });
  };
  for (std::size_t a = 1; a < figure.panels[0].series.size(); ++a)
    for (std::size_t b = figure.panels[0].series.size() - 1; b > a; --b) {
      if (!same(a, b)) continue;
      const std::string name = figure.panels[0].series[a].name + " = " + figure.panels[0].series[b].name;
      for (figure::Panel& panel : figure.panels) {
        panel.series[a].name = name;
        panel.series.erase(panel.series.begin() + static_cast<std::ptrdiff_t>(b));
      }
    }
}

// A line for each variant, by these names.
figure::Figure against_bandwidth(const SweepMeans& means,
                                 const std::vector<std::pair<std::string, Variant>>& lines,
                                 double (*value)(const Mean&), double (*best)(const Mean&)) {
  figure::Figure figure;
  for (const auto& [setting, variants] : means) {
    if (figure.panels.size() == kMostPanels) break;
    figure::Panel panel{.title = title_of(setting)};
    panel.x.label = "bandwidth [Mbps]";
    for (const auto& [name, variant] : lines) {
      const auto found = variants.find(variant);
      if (found == variants.end()) continue;
      if (panel.series.empty()) panel.series.push_back(series_of(kClairvoyant, found->second, best));
      panel.series.push_back(series_of(name, found->second, value));
    }
    if (!panel.series.empty()) figure.panels.push_back(std::move(panel));
  }
  join_same_lines(figure);
  return figure;
}

// Points lost by each name, over all points of the grid: mean, least, most.
struct Losses {
  std::vector<std::string> names;
  figure::Series series{.mark = figure::Mark::kBars};
  void add(const std::string& name, const std::vector<double>& points) {
    if (points.empty()) return;
    double sum = 0;
    for (const double point : points) sum += point;
    series.x.push_back(static_cast<double>(names.size()));
    series.y.push_back(sum / static_cast<double>(points.size()));
    series.low.push_back(*std::min_element(points.begin(), points.end()));
    series.high.push_back(*std::max_element(points.begin(), points.end()));
    names.push_back(name);
  }
  figure::Panel panel(const std::string& title) const {
    figure::Panel panel{.title = title, .series = {series}};
    panel.x.categories = names;
    panel.y.label = "lost [percentage points]";
    return panel;
  }
};

figure::Figure costs(const SweepMeans& means, const std::vector<std::string>& policy_names,
                     const std::vector<std::string>& allocator_names, const std::string& policy) {
  Losses by_policy, by_allocator;
  for (const std::string& name : policy_names) {
    std::vector<double> points;
    for (const auto& [setting, variants] : means)
      if (const auto found = variants.find({name, kExact}); found != variants.end())
        for (const auto& [bandwidth, mean] : found->second)
          points.push_back(100 * (best_utility(mean) - utility(mean)));
    by_policy.add(name, points);
  }
  for (const std::string& name : allocator_names) {
    std::vector<double> points;
    for (const auto& [setting, variants] : means) {
      const auto found = variants.find({policy, name}), exact = variants.find({policy, kExact});
      if (name == kExact || found == variants.end() || exact == variants.end()) continue;
      for (const auto& [bandwidth, mean] : found->second)
        if (const auto same = exact->second.find(bandwidth); same != exact->second.end())
          points.push_back(100 * (utility(same->second) - utility(mean)));
    }
    by_allocator.add(name, points);
  }
  figure::Figure figure;
  if (!by_policy.names.empty())
    figure.panels.push_back(by_policy.panel("Policies, exact allocator: against the clairvoyant"));
  if (!by_allocator.names.empty())
    figure.panels.push_back(by_allocator.panel("Allocators, policy " + policy + ": against exact"));
  return figure;
}

std::string variant_name(const DriveRow& row) {
  return row.policy + ", " + row.allocator + ", " + row.budget;
}

void add(std::vector<NamedFigure>& figures, std::string name, std::string title, const std::string& caption,
         figure::Figure figure) {
  if (figure.panels.empty()) return;
  figure.title = std::move(title);
  figure.caption = caption;
  figures.push_back({std::move(name), std::move(figure)});
}

}  // namespace

std::vector<NamedFigure> sweep_figures(const std::vector<SweepRow>& rows, const std::string& caption) {
  std::vector<NamedFigure> figures;
  if (rows.empty()) return figures;
  const SweepMeans means = means_of(rows);
  const auto policy_names = policies_of(rows), allocator_names = allocators_of(rows);
  const bool has_static = std::find(policy_names.begin(), policy_names.end(), "static") != policy_names.end();
  const std::string policy = has_static ? "static" : policy_names.front();
  std::vector<std::pair<std::string, Variant>> by_allocator, by_policy;
  for (const std::string& name : allocator_names) by_allocator.push_back({name, {policy, name}});
  for (const std::string& name : policy_names) by_policy.push_back({name, {name, kExact}});
  figure::Figure utilities = against_bandwidth(means, by_allocator, utility, best_utility);
  for (figure::Panel& panel : utilities.panels) panel.y.label = "mean utility";
  add(figures, "utility", "Utility against bandwidth, policy " + policy, caption, std::move(utilities));
  figure::Figure gains = against_bandwidth(means, by_allocator, gain, best_gain);
  for (figure::Panel& panel : gains.panels) panel.y.label = "gain [percentage points]";
  add(figures, "gain", "Gain over everything on the vehicle, policy " + policy, caption, std::move(gains));
  add(figures, "cost", "Cost of each simplification, mean and range over the grid", caption,
      costs(means, policy_names, allocator_names, policy));
  if (policy_names.size() < 2) return figures;
  figure::Figure chosen = against_bandwidth(means, by_policy, utility, best_utility);
  for (figure::Panel& panel : chosen.panels) panel.y.label = "mean utility";
  add(figures, "policies", "Utility against bandwidth, exact allocator, by policy", caption,
      std::move(chosen));
  return figures;
}

std::vector<NamedFigure> drive_figures(const std::vector<DriveRow>& rows, const std::string& caption) {
  std::map<std::string, std::map<std::string, Mean>> shares;  // [variant][link]
  std::vector<std::string> links;
  figure::Panel promises{.title = "A point a drive"};
  std::map<std::string, figure::Series> kept;
  for (const DriveRow& row : rows) {
    const std::string link = row.trace + ", " + number_text(row.rtt_ms, 0) + " ms";
    if (std::find(links.begin(), links.end(), link) == links.end()) links.push_back(link);
    shares[variant_name(row)][link].add(static_cast<double>(row.result.frames), row.result.utility,
                                        row.clairvoyant, row.result.vehicle_utility);
    if (!row.result.promised || !row.result.attained) continue;
    figure::Series& series = kept[row.policy + ", " + row.budget];
    series.x.push_back(100 * *row.result.promised);
    series.y.push_back(100 * *row.result.attained);
  }
  figure::Figure drives, promised;
  figure::Panel panel{.title = "Means over the scenarios"};
  panel.x.categories = links;
  panel.y.label = "of the clairvoyant's utility [%]";
  for (const auto& [name, by_link] : shares) {
    figure::Series series{.name = name, .mark = figure::Mark::kBars};
    for (std::size_t i = 0; i < links.size(); ++i) {
      const auto mean = by_link.find(links[i]);
      if (mean == by_link.end() || mean->second.clairvoyant <= 0) continue;
      series.x.push_back(static_cast<double>(i));
      series.y.push_back(100 * mean->second.utility / mean->second.clairvoyant);
    }
    panel.series.push_back(std::move(series));
  }
  if (!rows.empty()) drives.panels.push_back(std::move(panel));
  drives.panel_width_pt = 620;
  std::vector<NamedFigure> figures;
  add(figures, "drives", "What drives were worth, by link", caption, std::move(drives));
  if (kept.empty()) return figures;
  promises.x = {.label = "promised in time [%]", .low = 40, .high = 100};
  promises.y = {.label = "attained [%]", .low = 40, .high = 100};
  promises.series.push_back({.name = "as promised", .x = {40, 100}, .y = {40, 100}});
  for (auto& [name, series] : kept) {
    series.name = name;
    series.mark = figure::Mark::kPoints;
    promises.series.push_back(std::move(series));
  }
  promised.panels.push_back(std::move(promises));
  add(figures, "promises", "Promised against attained", caption, std::move(promised));
  return figures;
}

std::vector<std::string> write_figures(const std::vector<NamedFigure>& figures,
                                       const std::filesystem::path& folder, const std::string& ending) {
  std::vector<std::string> files;
  std::filesystem::create_directories(folder);
  for (const NamedFigure& figure : figures) {
    files.push_back((folder / (figure.name + "." + ending)).string());
    figure::write_figure(figure.figure, files.back());
  }
  return files;
}

}  // namespace turbo::experiments
