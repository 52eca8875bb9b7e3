#include "vehicle/bandwidth_allocator/rtt_choice.h"

#include <algorithm>
#include <vector>

namespace turbo {

double RttChoice::choose(std::optional<double> ping_ms, double quic_ms) {
  if (ping_ms)
    pings_ms_.push_back(std::min(*ping_ms, kLostMs));
  else
    pings_ms_.clear();  // what an absent ping handler said before is old
  if (pings_ms_.size() > 3) pings_ms_.pop_front();
  std::vector<double> sorted(pings_ms_.begin(), pings_ms_.end());
  std::sort(sorted.begin(), sorted.end());
  const double ping = sorted.empty() ? kLostMs : sorted[(sorted.size() - 1) / 2];
  from_quic_ = ping >= kLostMs && quic_ms > 0;
  return from_quic_ ? quic_ms : ping;
}

}  // namespace turbo
