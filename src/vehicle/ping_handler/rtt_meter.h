#pragma once
// From pings sent and answered to the round-trip time now. A ping without an answer for one second is lost
// and counts as one second. No clock, no socket.

#include <cstdint>
#include <deque>
#include <optional>

#include "core/time.h"

namespace turbo {

struct PingResult {
  std::uint16_t sequence = 0;
  Time sent;
  Duration rtt{};  // kLost when lost
  bool lost = false;
};

class RttMeter {
 public:
  static constexpr Duration kLost = std::chrono::seconds(1);

  std::uint16_t on_send(Time now);  // returns the sequence number to send
  // False for one that is not awaited (unknown, answered already, lost).
  bool on_reply(Time now, std::uint16_t sequence);
  // Takes the awaited ones that are lost by now out of the wait.
  void on_tick(Time now);

  // The result of the latest ping that has one; more, when a later ping is unanswered for longer than that
  // already. kLost until the first result.
  Duration rtt(Time now) const;
  std::optional<PingResult> latest() const { return latest_; }

 private:
  struct Awaited {
    std::uint16_t sequence;
    Time sent;
  };
  void settle(const Awaited& ping, Duration rtt, bool lost);

  std::deque<Awaited> awaited_;  // in the order of sending; a second's worth
  std::uint16_t next_sequence_ = 1;
  std::optional<PingResult> latest_;  // of the latest sent
};

}  // namespace turbo
