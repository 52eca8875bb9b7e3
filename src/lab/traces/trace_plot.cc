#include "lab/traces/trace_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace turbo {
namespace {

constexpr double kNothingMbps = 0.05;
constexpr const char* kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::vector<double> mbps_by_second(const DeliveryTrace& trace) {
  std::vector<double> rates((trace.period_ms() + 999) / 1000, 0);
  for (const auto ms : trace.opportunities_ms)
    rates[(ms > 0 ? ms - 1 : 0) / 1000] += static_cast<double>(kOpportunityBytes) * 8 / 1e6;
  return rates;
}

}  // namespace

std::string plot(const DeliveryTrace& trace, std::size_t per_line) {
  const auto rates = mbps_by_second(trace);
  const double most = std::max(kNothingMbps, *std::max_element(rates.begin(), rates.end()));
  std::string text;
  char label[64];
  for (std::size_t i = 0; i < rates.size(); ++i) {
    if (i % per_line == 0) {
      std::snprintf(label, sizeof label, "%s%5zu s ", i ? "\n" : "", i);
      text += label;
    }
    const auto bar = static_cast<int>(std::ceil(rates[i] / most * 8)) - 1;
    text += rates[i] < kNothingMbps ? "·" : kBars[std::clamp(bar, 0, 7)];
  }
  std::snprintf(label, sizeof label, "\n%s: %.1f Mbps in a second\n", kBars[7], most);
  return text + label;
}

}  // namespace turbo
