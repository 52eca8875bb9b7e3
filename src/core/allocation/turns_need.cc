#include "core/allocation/turns_need.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace turbo {

std::int64_t rate_of(const Service& service, const ModelOption& option) {
  return std::llround(option.duty * service.frames_per_s * 1e6);
}

bool keeps_apart(const Service& service, const ModelOption& option, std::size_t services, double rtt_ms) {
  const double left_s = (service.slo_ms - rtt_ms - option.runtime_ms) / 1e3;
  if (option.on_vehicle || option.duty >= 1 || !(left_s > 0)) return false;
  // The first frame of a turn comes up to a frame's time after the turn has begun.
  const double apart_s = 1 / (option.duty * service.frames_per_s * static_cast<double>(services));
  return apart_s >= 1 / service.frames_per_s + left_s;
}

std::optional<double> needed_together_mbps(std::span<const Service> services,
                                           std::span<const std::optional<std::size_t>> options,
                                           double rtt_ms) {
  double sum_mbps = 0;
  std::map<std::int64_t, double> most_mbps;  // by rate
  for (std::size_t i = 0; i < services.size(); ++i) {
    if (!options[i]) continue;
    const ModelOption& option = services[i].options[*options[i]];
    const auto needed = needed_mbps(option, services[i].slo_ms, rtt_ms);
    if (!needed) return std::nullopt;
    if (!keeps_apart(services[i], option, services.size(), rtt_ms)) {
      sum_mbps += *needed;
      continue;
    }
    double& most = most_mbps[rate_of(services[i], option)];
    most = std::max(most, *needed);
  }
  for (const auto& [rate, most] : most_mbps) sum_mbps += most;
  return sum_mbps;
}

}  // namespace turbo
