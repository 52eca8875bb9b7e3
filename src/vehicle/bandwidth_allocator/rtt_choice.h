#pragma once
// Which round-trip time a decision is made with. A needed bandwidth counts a frame's own time on the link
// apart, so the RTT must be the path's, without the queue that our frames make: pings see it least. One ping
// may still stand behind a frame, or be lost, so the median of the last three counts. Where pings are lost or
// not answered at all (many clouds drop ICMP) although QUIC has an RTT, QUIC's smoothed one is taken. Pure.

#include <deque>
#include <optional>

namespace turbo {

class RttChoice {
 public:
  static constexpr double kLostMs = 1000;

  // ping_ms: the ping handler's answer, kLostMs or more for a lost ping; nothing when it did not answer.
  // quic_ms: as the QUIC client reports it; 0 when it has none.
  double choose(std::optional<double> ping_ms, double quic_ms);
  bool from_quic() const { return from_quic_; }

 private:
  std::deque<double> pings_ms_;  // the last three
  bool from_quic_ = false;
};

}  // namespace turbo
