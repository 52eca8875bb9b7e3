#include "vehicle/quic_client/link_probe.h"

#include <algorithm>

namespace turbo {
namespace {
constexpr double kProbeSeconds = 0.05;         // of the estimated rate
constexpr std::uint64_t kLeastBytes = 16'384;  // fewer packets measure nothing
}  // namespace

std::uint32_t LinkProbe::due_bytes(Time now, double estimate_bps, Duration measured_ago, bool idle) {
  if (!settings_.enabled || !idle || measured_ago < settings_.quiet || now - last_ < settings_.quiet)
    return 0;
  const auto wanted = static_cast<std::uint64_t>(std::clamp(estimate_bps / 8 * kProbeSeconds, 0.0, 1e9));
  last_ = now;
  return static_cast<std::uint32_t>(std::min(std::max(wanted, kLeastBytes), settings_.max_bytes));
}

}  // namespace turbo
