#include "lab/experiments/figures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "lab/experiments/tables.h"
#include "lab/figure/figure_file.h"
#include "lab/figure/scale.h"

namespace turbo::experiments {
namespace {

constexpr std::size_t kMostPanels = 12;
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
  figure::Series series{.name = name, .mark = figure::Mark::kSteps};
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

// Lines that lie on each other in every panel become one: "exact = greedy".
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
  for (std::size_t a = 0; a < figure.panels[0].series.size(); ++a)
    for (std::size_t b = a + 1; b < figure.panels[0].series.size();) {
      if (!same(a, b)) {
        ++b;
        continue;
      }
      const std::string name = figure.panels[0].series[a].name + " = " + figure.panels[0].series[b].name;
      for (figure::Panel& panel : figure.panels) {
        panel.series[a].name = name;
        panel.series.erase(panel.series.begin() + static_cast<std::ptrdiff_t>(b));
      }
    }
}

// So that panels can be held against each other.
void share_y_axis(figure::Figure& figure) {
  figure::Panel all;
  for (const figure::Panel& panel : figure.panels)
    all.series.insert(all.series.end(), panel.series.begin(), panel.series.end());
  const figure::Scale scale = y_scale(all);
  for (figure::Panel& panel : figure.panels) {
    panel.y.low = scale.low();
    panel.y.high = scale.high();
  }
}

// A line for each variant, by these names.
figure::Figure against_bandwidth(const SweepMeans& means,
                                 const std::vector<std::pair<std::string, Variant>>& lines,
                                 double (*value)(const Mean&), double (*best)(const Mean&),
                                 const std::string& title, const std::string& y_label) {
  figure::Figure figure{.title = title};
  if (means.size() > kMostPanels)
    figure.title += " (the first " + std::to_string(kMostPanels) + " of " + std::to_string(means.size()) +
                    " pairs of SLO and RTT)";
  for (const auto& [setting, variants] : means) {
    if (figure.panels.size() == kMostPanels) break;
    figure::Panel panel{.title = title_of(setting)};
    panel.x.label = "bandwidth [Mbps]";
    panel.y.label = y_label;
    for (const auto& [name, variant] : lines) {
      const auto found = variants.find(variant);
      if (found == variants.end()) continue;
      if (panel.series.empty()) panel.series.push_back(series_of(kClairvoyant, found->second, best));
      panel.series.push_back(series_of(name, found->second, value));
    }
    if (!panel.series.empty()) figure.panels.push_back(std::move(panel));
  }
  join_same_lines(figure);
  share_y_axis(figure);
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
    names.push_back(name + "\n" + number_text(series.y.back(), 2));
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
    figure.panels.push_back(by_policy.panel("Policies, allocator exact: against the clairvoyant"));
  if (!by_allocator.names.empty())
    figure.panels.push_back(by_allocator.panel("Allocators, policy " + policy + ": against exact"));
  return figure;
}

void add(std::vector<NamedFigure>& figures, std::string name, const std::string& caption,
         figure::Figure figure) {
  if (figure.panels.empty()) return;
  figure.caption = caption;
  figures.push_back({std::move(name), std::move(figure)});
}

}  // namespace

std::vector<NamedFigure> sweep_figures(const std::vector<SweepRow>& rows, const std::string& caption,
                                       const std::string& of_policy) {
  std::vector<NamedFigure> figures;
  if (rows.empty()) return figures;
  const SweepMeans means = means_of(rows);
  const auto policy_names = policies_of(rows), allocator_names = allocators_of(rows);
  const auto has = [&](const std::string& name) {
    return std::find(policy_names.begin(), policy_names.end(), name) != policy_names.end();
  };
  std::string policy = has("static") ? "static" : policy_names.front();
  if (!of_policy.empty()) policy = of_policy;
  if (!has(policy)) {
    std::string names;
    for (const std::string& name : policy_names) names += (names.empty() ? "" : ", ") + name;
    throw std::invalid_argument("--policy " + policy.substr(0, 60) + ": the sweep has " + names);
  }
  std::vector<std::pair<std::string, Variant>> by_allocator, by_policy;
  for (const std::string& name : allocator_names) by_allocator.push_back({name, {policy, name}});
  for (const std::string& name : policy_names) by_policy.push_back({name, {name, kExact}});
  add(figures, "utility", caption,
      against_bandwidth(means, by_allocator, utility, best_utility,
                        "Utility against bandwidth, policy " + policy, "mean utility"));
  add(figures, "gain", caption,
      against_bandwidth(means, by_allocator, gain, best_gain,
                        "Gain over everything on the vehicle, policy " + policy, "gain [percentage points]"));
  figure::Figure cost = costs(means, policy_names, allocator_names, policy);
  cost.title = "Cost of each simplification: mean and range over the grid";
  add(figures, "cost", caption, std::move(cost));
  if (policy_names.size() > 1)
    add(figures, "policies", caption,
        against_bandwidth(means, by_policy, utility, best_utility, "Utility by policy, allocator exact",
                          "mean utility"));
  return figures;
}

void check_figures_folder(const std::string& option, const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return;
  const std::string ending = folder.extension().string();
  const bool is_name = ending == ".svg" || ending == ".png" || ending == ".pdf";
  if (std::filesystem::exists(folder, error) || is_name)
    throw std::invalid_argument(option + " " + folder.string() + ": expected a folder" +
                                (is_name ? "; the figures in it have names of their own" : ""));
}

std::vector<std::string> write_figures(const std::vector<NamedFigure>& figures,
                                       const std::filesystem::path& folder, const std::string& ending) {
  std::vector<std::string> files;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw std::runtime_error(folder.string() + ": no folder for figures: " + error.message());
  for (const NamedFigure& figure : figures) {
    files.push_back((folder / (figure.name + "." + ending)).string());
    figure::write_figure(figure.figure, files.back());
  }
  return files;
}

}  // namespace turbo::experiments
