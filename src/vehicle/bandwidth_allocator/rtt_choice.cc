#include "vehicle/bandwidth_allocator/rtt_choice.h"

#include <algorithm>
#include <vector>

namespace turbo {

void RttChoice::on_ping(Time now, std::optional<double> ping_ms) {
  if (!ping_ms) return pings_ms_.clear();  // what it said before is old
  heard_ = now;
  pings_ms_.push_back(std::min(*ping_ms, kLostMs));
  if (pings_ms_.size() > 3) pings_ms_.pop_front();
}

RttChoice::Choice RttChoice::choose(Time now, double quic_ms) const {
  double ping_ms = kLostMs;
  if (!pings_ms_.empty() && now - heard_ <= kOldest) {
    std::vector<double> sorted(pings_ms_.begin(), pings_ms_.end());
    std::sort(sorted.begin(), sorted.end());
    ping_ms = sorted[(sorted.size() - 1) / 2];
  }
  if (ping_ms < kLostMs) return {ping_ms, "ping"};
  if (quic_ms > 0) return {quic_ms, "quic"};
  return {};
}

}  // namespace turbo
