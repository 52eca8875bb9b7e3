#include "lab/experiments/figures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "lab/experiments/tables.h"
#include "lab/figure/figure_file.h"
#include "lab/figure/scale.h"

namespace turbo::experiments {
namespace {

constexpr std::size_t kMostPanels = 12, kMostAside = 6;  // of one row or column alone; of several
constexpr std::size_t kWideAside = 3;                    // more are narrower
constexpr double kNarrowPt = 190, kLowPt = 130, kBarsWidthPt = 300;
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

// Panels in rows and columns: a row an SLO, a column an RTT. Of many the first.
struct PanelGrid {
  std::vector<double> slos, rtts;
  std::size_t all = 0;

  explicit PanelGrid(const SweepMeans& means) {
    std::set<double> all_slos, all_rtts;
    for (const auto& [setting, variants] : means) {
      all_slos.insert(setting.first);
      all_rtts.insert(setting.second);
    }
    all = all_slos.size() * all_rtts.size();
    slos = first_of(all_slos, all_rtts.size());
    rtts = first_of(all_rtts, all_slos.size());
  }

  // Of one row or one column alone the layout makes several.
  std::size_t columns() const { return slos.size() > 1 && rtts.size() > 1 ? rtts.size() : 0; }
  std::string told() const {
    const std::size_t shown = slos.size() * rtts.size();
    if (shown == all) return "";
    return " (" + std::to_string(shown) + " of " + std::to_string(all) + " pairs of SLO and RTT, the least)";
  }

 private:
  static std::vector<double> first_of(const std::set<double>& values, std::size_t others) {
    const std::size_t most = others > 1 ? kMostAside : kMostPanels;
    std::vector<double> first(values.begin(), values.end());
    first.resize(std::min(first.size(), most));
    return first;
  }
};

// A line for each variant, by these names.
figure::Figure against_bandwidth(const SweepMeans& means,
                                 const std::vector<std::pair<std::string, Variant>>& lines,
                                 double (*value)(const Mean&), double (*best)(const Mean&),
                                 const std::string& title, const std::string& y_label) {
  const PanelGrid grid(means);
  figure::Figure figure{.title = title + grid.told(), .columns = grid.columns()};
  if (figure.columns > kWideAside) figure.panel_width_pt = kNarrowPt, figure.panel_height_pt = kLowPt;
  bool any = false;
  for (const double slo : grid.slos)
    for (const double rtt : grid.rtts) {
      figure::Panel panel{.title = title_of({slo, rtt})};
      panel.x.label = "bandwidth [Mbps]";
      panel.y.label = y_label;
      const auto variants = means.find({slo, rtt});
      for (const auto& [name, variant] : lines) {
        if (variants == means.end()) break;
        const auto found = variants->second.find(variant);
        if (found == variants->second.end()) continue;
        if (panel.series.empty()) panel.series.push_back(series_of(kClairvoyant, found->second, best));
        panel.series.push_back(series_of(name, found->second, value));
      }
      any = any || !panel.series.empty();
      figure.panels.push_back(std::move(panel));
    }
  if (!any) figure.panels.clear();
  join_same_lines(figure);
  share_y_axes(figure);
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
    series.texts.push_back(number_text(series.y.back(), 2));
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
  figure::Figure figure{.columns = 1, .panel_width_pt = kBarsWidthPt};
  if (!by_policy.names.empty())
    figure.panels.push_back(by_policy.panel("Policies, allocator exact: against the clairvoyant"));
  if (!by_allocator.names.empty())
    figure.panels.push_back(by_allocator.panel("Allocators, policy " + policy + ": against exact"));
  share_y_axes(figure);
  return figure;
}

// Where stairs lie can be told to the next bandwidth only.
std::string tried(const SweepMeans& means) {
  std::set<double> bandwidths;
  for (const auto& [setting, variants] : means)
    for (const auto& [variant, by_bandwidth] : variants)
      for (const auto& [bandwidth, mean] : by_bandwidth) bandwidths.insert(bandwidth);
  if (bandwidths.size() < 2) return "";
  double widest = 0;
  for (auto after = std::next(bandwidths.begin()); after != bandwidths.end(); ++after)
    widest = std::max(widest, *after - *std::prev(after));
  return "\nA step is drawn at the first of the " + std::to_string(bandwidths.size()) +
         " bandwidths tried at which it was there; it may begin up to " +
         number_text(widest, widest < 1 ? 2 : 0) + " Mbps before.";
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
  const std::string stepped = caption + tried(means);
  add(figures, "utility", stepped,
      against_bandwidth(means, by_allocator, utility, best_utility,
                        "Utility against bandwidth, policy " + policy, "mean utility"));
  add(figures, "gain", stepped,
      against_bandwidth(means, by_allocator, gain, best_gain,
                        "Gain over everything on the vehicle, policy " + policy, "gain [percentage points]"));
  figure::Figure cost = costs(means, policy_names, allocator_names, policy);
  cost.title = "Cost of simplifications: mean and range over the grid";
  add(figures, "cost", caption, std::move(cost));
  if (policy_names.size() > 1)
    add(figures, "policies", stepped,
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
