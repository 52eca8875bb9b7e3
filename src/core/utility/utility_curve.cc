#include "core/utility/utility_curve.h"

#include <algorithm>
#include <cmath>

namespace turbo {

std::optional<double> needed_mbps(const ModelOption& option, double slo_ms, double rtt_ms) {
  if (std::isinf(option.runtime_ms)) return std::nullopt;
  if (option.on_vehicle) return 0;
  const double left_ms = slo_ms - rtt_ms - option.runtime_ms;
  if (!(left_ms > 0)) return std::nullopt;
  return option.size_megabits / (left_ms / 1000);
}

double value_of(const Service& service, double utility) {
  const double missing = service.min_utility - utility;
  return service.weight * utility - (missing > 0 ? kFloorPenalty * (1 + missing) : 0);
}

UtilityCurve make_utility_curve(const Service& service, double rtt_ms, double most_mbps) {
  UtilityCurve curve;
  make_utility_curve(service, rtt_ms, most_mbps, &curve);
  return curve;
}

void make_utility_curve(const Service& service, double rtt_ms, double most_mbps, UtilityCurve* out) {
  UtilityCurve& curve = *out;
  curve.clear();
  for (std::size_t i = 0; i < service.options.size(); ++i) {
    const ModelOption& option = service.options[i];
    const auto needed = needed_mbps(option, service.slo_ms, rtt_ms);
    if (needed && *needed <= most_mbps) curve.push_back({*needed, 0, option.utility, 0, i});
  }
  std::sort(curve.begin(), curve.end(), [&](const UtilityStep& a, const UtilityStep& b) {
    if (a.start_mbps != b.start_mbps) return a.start_mbps < b.start_mbps;
    if (a.utility != b.utility) return a.utility > b.utility;
    const int names = service.options[*a.option].config.compare(service.options[*b.option].config);
    return names != 0 ? names < 0 : *a.option < *b.option;
  });
  if (curve.empty() || curve.front().start_mbps > 0) curve.insert(curve.begin(), UtilityStep{});
  // What is not better than all that is cheaper goes.
  std::size_t kept = 1;
  for (std::size_t i = 1; i < curve.size(); ++i)
    if (curve[i].utility > curve[kept - 1].utility) curve[kept++] = curve[i];
  curve.resize(kept);
  for (std::size_t i = 0; i < kept; ++i) {
    curve[i].end_mbps = i + 1 < kept ? curve[i + 1].start_mbps : kUnlimitedMbps;
    curve[i].value = value_of(service, curve[i].utility);
  }
}

std::size_t step_at(const UtilityCurve& curve, double mbps) {
  std::size_t step = 0;
  while (step + 1 < curve.size() && curve[step + 1].start_mbps <= mbps) ++step;
  return step;
}

}  // namespace turbo
