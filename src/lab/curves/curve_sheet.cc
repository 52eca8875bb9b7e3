#include "lab/curves/curve_sheet.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lab/command_line/printed.h"
#include "lab/figure/scale.h"

namespace turbo::curves {
namespace {

constexpr double kBeyond = 1.15;  // of the last step's start: to there the axis goes
constexpr double kLeastMbps = 1;  // of an axis
constexpr double kMostUplinkMbps = 300;
constexpr double kFarApart = 30;       // the last step's start over the first's
constexpr double kDecadesBelow = 0.5;  // of a logarithmic axis, below the first step

bool same_curve(const Service& a, const Service& b) {
  const auto same = [](const ModelOption& x, const ModelOption& y) {
    return x.config == y.config && x.size_megabits == y.size_megabits && x.runtime_ms == y.runtime_ms &&
           x.utility == y.utility && x.on_vehicle == y.on_vehicle && x.duty == y.duty;
  };
  return a.slo_ms == b.slo_ms &&
         std::equal(a.options.begin(), a.options.end(), b.options.begin(), b.options.end(), same);
}

// "services 1, 2, 3": all that have the curve of this one.
std::string names_of(const ServiceSet& set, std::size_t first) {
  std::string ids;
  std::size_t count = 0;
  for (const auto& service : set.services)
    if (same_curve(set.services[first], service)) {
      ids += (count++ ? ", " : "") + std::to_string(service.id);
    }
  return (count > 1 ? "services " : "service ") + ids;
}

Curve make_curve(const ServiceSet& set, std::size_t index, double rtt_ms) {
  const Service& service = set.services[index];
  Curve curve{index, rtt_ms, make_utility_curve(service, rtt_ms)};
  for (const auto& option : service.options)
    curve.too_slow += needed_mbps(option, service.slo_ms, rtt_ms) ? 0 : 1;
  const auto taken = static_cast<std::size_t>(std::count_if(
      curve.steps.begin(), curve.steps.end(), [](const auto& step) { return step.option.has_value(); }));
  curve.not_worth_it = service.options.size() - curve.too_slow - taken;
  return curve;
}

const ModelOption* option_of(const ServiceSet& set, const Curve& curve, const UtilityStep& step) {
  return step.option ? &set.services[curve.service].options[*step.option] : nullptr;
}

// Beyond what uplinks give there are steps of whole frames, which would press all others together; the first
// step of every curve is shown in any case.
double usual_end(const std::vector<Curve>& curves) {
  double end = kMostUplinkMbps;
  for (const Curve& curve : curves) {
    const auto first = std::find_if(curve.steps.begin(), curve.steps.end(),
                                    [](const UtilityStep& step) { return step.start_mbps > 0; });
    if (first != curve.steps.end()) end = std::max(end, first->start_mbps * kBeyond);
  }
  return end;
}

}  // namespace

std::vector<Curve> make_curves(const ServiceSet& set, const std::vector<double>& rtts_ms) {
  std::vector<Curve> curves;
  for (std::size_t i = 0; i < set.services.size(); ++i) {
    const auto drawn = [&](const Service& earlier) { return same_curve(earlier, set.services[i]); };
    if (std::any_of(set.services.begin(), set.services.begin() + static_cast<std::ptrdiff_t>(i), drawn))
      continue;
    for (const double rtt_ms : rtts_ms) curves.push_back(make_curve(set, i, rtt_ms));
  }
  return curves;
}

figure::Figure figure_of(const ServiceSet& set, const std::vector<Curve>& curves, const View& view) {
  figure::Figure figure{view.title, view.caption, {}};
  const bool several_rtts = std::any_of(
      curves.begin(), curves.end(), [&](const auto& curve) { return curve.rtt_ms != curves.front().rtt_ms; });
  double first = HUGE_VAL, last = 0;
  for (const auto& curve : curves)
    for (const auto& step : curve.steps) {
      if (step.start_mbps > 0) first = std::min(first, step.start_mbps);
      last = std::max(last, step.start_mbps);
    }
  const double end = std::max(kLeastMbps, last * kBeyond);
  const double high = view.most_mbps > 0 ? view.most_mbps : std::min(end, usual_end(curves));
  const bool one_kind = curves.front().service == curves.back().service;
  const bool log = view.log.value_or(last > kFarApart * first);
  const double low = log ? std::min(first, high) * std::pow(10, -kDecadesBelow) : 0;
  const Curve* before = nullptr;
  for (const auto& curve : curves) {
    const std::string service = names_of(set, curve.service),
                      rtt = "RTT " + printed("%g", curve.rtt_ms) + " ms";
    if (before == nullptr || (several_rtts && before->service != curve.service)) {
      figure::Panel panel{
          !several_rtts ? rtt
          : one_kind    ? ""
                        : service,
          {several_rtts || curves.size() > 1 ? "bandwidth of a service [Mbps]" : "bandwidth [Mbps]", log, low,
           high},
          {"utility [AP]"},
          {}};
      figure.panels.push_back(panel);
    }
    before = &curve;
    figure::Series series{several_rtts ? rtt : service, {}, {}, {}, {}, figure::Mark::kSteps};
    for (const auto& step : curve.steps) {
      series.x.push_back(step.start_mbps);
      series.y.push_back(step.utility);
    }
    figure.panels.back().series.push_back(series);
  }
  if (last > high)
    figure.caption +=
        printed("\nSteps beyond %g Mbps, up to %.0f Mbps, are not drawn: --max-mbps", high, last);
  share_y_axes(figure);
  return figure;
}

std::string table_of(const ServiceSet& set, const std::vector<Curve>& curves) {
  std::string out;
  for (const auto& curve : curves) {
    const Service& service = set.services[curve.service];
    out += printed("\n%s, RTT %g ms, SLO %g ms\n", names_of(set, curve.service).c_str(), curve.rtt_ms,
                   service.slo_ms);
    out += "  from Mbps    to Mbps   utility   configuration\n";
    for (const auto& step : curve.steps) {
      const auto* option = option_of(set, curve, step);
      const std::string end = std::isfinite(step.end_mbps) ? printed("%.2f", step.end_mbps) : "-";
      out += printed("%11.2f %10s   ", step.start_mbps, end.c_str());
      out += printed(" %.4f   ", step.utility);
      out += option ? option->config + (option->on_vehicle ? " (on the vehicle)" : "") : "(none can run)";
      out += "\n";
    }
    if (curve.not_worth_it > 0)
      out += printed("  %zu other%s as much bandwidth as one of these, or more, for no more utility\n",
                     curve.not_worth_it, curve.not_worth_it == 1 ? " needs" : "s need");
    if (curve.too_slow > 0)
      out += printed("  %zu can't be in time: RTT and run time alone take %g ms or more\n", curve.too_slow,
                     service.slo_ms);
  }
  return out;
}

std::string json_of(const ServiceSet& set, const std::vector<Curve>& curves) {
  auto all = nlohmann::json::array();
  for (const auto& curve : curves) {
    const Service& first = set.services[curve.service];
    auto ids = nlohmann::json::array(), steps = nlohmann::json::array();
    for (const auto& service : set.services)
      if (same_curve(first, service)) ids.push_back(service.id);
    for (const auto& step : curve.steps) {
      const auto* option = option_of(set, curve, step);
      nlohmann::json entry{{"from_mbps", step.start_mbps},
                           {"to_mbps", nullptr},
                           {"utility", step.utility},
                           {"config", nullptr}};
      if (std::isfinite(step.end_mbps)) entry["to_mbps"] = step.end_mbps;
      if (option) {
        entry["config"] = option->config;
        entry["on_vehicle"] = option->on_vehicle;
      }
      steps.push_back(entry);
    }
    all.push_back({{"services", ids},
                   {"rtt_ms", curve.rtt_ms},
                   {"slo_ms", first.slo_ms},
                   {"steps", steps},
                   {"too_slow", curve.too_slow},
                   {"not_worth_it", curve.not_worth_it}});
  }
  return nlohmann::json{{"source", set.source}, {"curves", all}, {"notes", set.notes}}.dump(
             -1, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

}  // namespace turbo::curves
