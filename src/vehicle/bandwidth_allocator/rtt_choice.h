#pragma once
// Which round-trip time a decision is made with. A needed bandwidth counts a frame's own time on the link
// apart, so the RTT must be the path's, without the queue that our frames make: pings see it least. One ping
// may still stand behind a frame, or be lost, so the median of the last three counts. Where pings are lost or
// not answered at all (many clouds drop ICMP), or the ping handler is silent, although QUIC has an RTT,
// QUIC's smoothed one is taken. Nobody waits for a ping: its answers are asked for ahead of time. Pure.

#include <deque>
#include <optional>
#include <string_view>

#include "core/time.h"

namespace turbo {

class RttChoice {
 public:
  static constexpr double kLostMs = 1000;
  static constexpr Duration kOldest = std::chrono::seconds(1);  // answer of the ping handler that counts

  // ping_ms: the ping handler's answer, kLostMs or more for a lost ping; nothing when it gave none.
  void on_ping(Time now, std::optional<double> ping_ms);

  struct Choice {
    double rtt_ms = kLostMs;
    std::string_view source = "unknown";  // "ping", "quic", "unknown"
  };
  // quic_ms: as the QUIC client reports it; 0 when it has none.
  Choice choose(Time now, double quic_ms) const;

 private:
  std::deque<double> pings_ms_;  // the last three
  Time heard_{};
};

}  // namespace turbo
