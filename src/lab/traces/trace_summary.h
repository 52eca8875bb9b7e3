#pragma once
// What a trace is like: its mean, and percentiles of its rate in windows.

#include <string>

#include "lab/link/delivery_trace.h"

namespace turbo {

struct TraceSummary {
  double duration_s = 0, mean_mbps = 0;
  double window_s = 0;  // of the five below
  double min_mbps = 0, p5_mbps = 0, p50_mbps = 0, p95_mbps = 0, max_mbps = 0;
  double longest_gap_s = 0;  // without any delivery
};

TraceSummary summarise(const DeliveryTrace& trace, std::uint32_t window_ms = 500);
std::string to_text(const TraceSummary& summary);

}  // namespace turbo
