#include "lab/traces/trace_summary.h"

#include <algorithm>
#include <cstdio>

namespace turbo {

TraceSummary summarise(const DeliveryTrace& trace, std::uint32_t window_ms) {
  const auto& all = trace.opportunities_ms;
  const std::uint32_t windows = std::max(1u, trace.period_ms() / window_ms);
  std::vector<double> rates(windows, 0);
  const double mbps_each = static_cast<double>(kOpportunityBytes) * 8 / (window_ms * 1e3);
  std::uint32_t gap_ms = all.front(), before = 0;
  for (const auto ms : all) {
    if (const auto window = (ms > 0 ? ms - 1 : 0) / window_ms; window < windows) rates[window] += mbps_each;
    gap_ms = std::max(gap_ms, ms - before);
    before = ms;
  }
  std::sort(rates.begin(), rates.end());
  const auto at = [&](double share) { return rates[static_cast<std::size_t>(share * (windows - 1) + 0.5)]; };
  return {trace.period_ms() / 1e3,
          trace.mean_bps() / 1e6,
          window_ms / 1e3,
          at(0),
          at(0.05),
          at(0.5),
          at(0.95),
          at(1),
          gap_ms / 1e3};
}

std::string to_text(const TraceSummary& s) {
  char text[256];
  std::snprintf(
      text, sizeof text,
      "%.1f s, mean %.2f Mbps; in windows of %g s: min %.1f, p5 %.1f, p50 %.1f, p95 %.1f, max %.1f Mbps; "
      "longest gap %.3f s",
      s.duration_s, s.mean_mbps, s.window_s, s.min_mbps, s.p5_mbps, s.p50_mbps, s.p95_mbps, s.max_mbps,
      s.longest_gap_s);
  return text;
}

}  // namespace turbo
