#include "vehicle/ping_handler/rtt_meter.h"

#include <algorithm>

namespace turbo {
namespace {
constexpr std::size_t kMaxAwaited = 64;
}

std::uint16_t RttMeter::on_send(Time now) {
  on_tick(now);
  if (awaited_.size() >= kMaxAwaited) awaited_.pop_front();
  awaited_.push_back({next_sequence_, now});
  return next_sequence_++;
}

bool RttMeter::on_reply(Time now, std::uint16_t sequence) {
  on_tick(now);
  const auto ping =
      std::find_if(awaited_.begin(), awaited_.end(), [&](const auto& p) { return p.sequence == sequence; });
  if (ping == awaited_.end()) return false;
  settle(*ping, std::max(now - ping->sent, Duration::zero()), false);
  awaited_.erase(ping);
  return true;
}

void RttMeter::on_tick(Time now) {
  while (!awaited_.empty() && now - awaited_.front().sent >= kLost) {
    settle(awaited_.front(), kLost, true);
    awaited_.pop_front();
  }
}

void RttMeter::settle(const Awaited& ping, Duration rtt, bool lost) {
  if (!latest_ || ping.sent > latest_->sent) latest_ = PingResult{ping.sequence, ping.sent, rtt, lost};
}

Duration RttMeter::rtt(Time now) const {
  if (!latest_) return kLost;
  Duration rtt = latest_->rtt;
  for (const Awaited& ping : awaited_)
    if (ping.sent > latest_->sent) rtt = std::max(rtt, now - ping.sent);
  return std::min(rtt, kLost);
}

}  // namespace turbo
