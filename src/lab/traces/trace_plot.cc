#include "lab/traces/trace_plot.h"

#include <algorithm>

namespace turbo {

figure::Figure figure_of(const DeliveryTrace& trace, const std::string& title) {
  constexpr std::uint32_t kSecondMs = 1000;
  figure::Series capacity{"", {}, {}, {}, {}, figure::Mark::kSteps};
  for (std::uint32_t begin = 0; begin < trace.period_ms(); begin += kSecondMs) {
    const std::uint32_t length_ms = std::min(kSecondMs, trace.period_ms() - begin);
    // An opportunity of millisecond m stands for what the link carries in the millisecond before it.
    const auto& all = trace.opportunities_ms;
    const auto last = std::upper_bound(all.begin(), all.end(), begin + length_ms);
    const auto first = begin == 0 ? all.begin() : std::upper_bound(all.begin(), last, begin);
    capacity.x.push_back(begin / 1e3);
    capacity.y.push_back(static_cast<double>(last - first) * kOpportunityBytes * 8 / 1e3 / length_ms);
  }
  figure::Panel panel{"", {"time [s]"}, {"capacity [Mbps]"}, {capacity}};
  panel.x.low = panel.y.low = 0;
  panel.x.high = trace.period_ms() / 1e3;
  return {title, "", {panel}, 0, 360};
}

}  // namespace turbo
