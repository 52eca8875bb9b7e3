#include "core/utility/utility_curve.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace turbo {

std::optional<double> needed_mbps(const ModelOption& option, double slo_ms, double rtt_ms) {
  if (option.on_vehicle || option.size_megabits <= 0) return 0;
  const double left_ms = slo_ms - rtt_ms - option.runtime_ms;
  if (!(left_ms > 0)) return std::nullopt;
  return option.size_megabits / (left_ms / 1000);
}

UtilityCurve make_utility_curve(std::span<const ModelOption> options, double slo_ms, double rtt_ms) {
  struct Candidate {
    double needed_mbps;
    std::size_t option;
  };
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < options.size(); ++i)
    if (const auto needed = needed_mbps(options[i], slo_ms, rtt_ms)) candidates.push_back({*needed, i});
  std::sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
    const ModelOption &x = options[a.option], &y = options[b.option];
    return std::tie(a.needed_mbps, y.utility, x.config, a.option) <
           std::tie(b.needed_mbps, x.utility, y.config, b.option);
  });

  UtilityCurve curve;
  for (const auto& [needed, option] : candidates) {
    if (curve.empty() && needed > 0) curve.push_back({});
    if (!curve.empty() && options[option].utility <= curve.back().utility) continue;
    if (!curve.empty()) curve.back().end_mbps = needed;
    curve.push_back({needed, 0, options[option].utility, option});
  }
  if (curve.empty()) curve.push_back({});
  curve.back().end_mbps = std::numeric_limits<double>::infinity();
  return curve;
}

std::size_t step_at(const UtilityCurve& curve, double mbps) {
  std::size_t step = 0;
  while (step + 1 < curve.size() && curve[step + 1].start_mbps <= mbps) ++step;
  return step;
}

}  // namespace turbo
