#pragma once
// Notices a congestion controller that has collapsed: it lets through a small part of what the link is known
// to carry, although data waits and nothing queues (BBR after a wrong application-limited mark, say). The
// owner then opens a new path, which starts the controller anew. Fed with time; no clock, no thread.

#include <cstdint>
#include <optional>

#include "core/bandwidth/delivery_rate_estimator.h"
#include "core/time.h"

namespace turbo {

class CongestionWatchdog {
 public:
  struct Settings {
    double fraction = 0.25;    // window over RTT this far under the measured rate
    double patience_rtts = 8;  // for so long without a break, and
    Duration patience = std::chrono::milliseconds(400);
    Duration pause =
        std::chrono::seconds(10);  // between two verdicts; doubles up to 16 times while they recur
  };
  CongestionWatchdog() : CongestionWatchdog(Settings{}) {}
  explicit CongestionWatchdog(const Settings& settings) : settings_(settings) {}

  // Often (every 10 to 100 ms). data_waiting: the application has bytes that the transport doesn't take.
  // True: collapsed, start anew.
  bool check(Time now, std::int64_t window_bytes, Duration smoothed_rtt, const LinkEstimate& link,
             bool data_waiting);
  std::uint64_t verdicts() const { return verdicts_; }

 private:
  Settings settings_;
  std::optional<Time> suspicious_since_, last_verdict_;
  int in_a_row_ = 0;
  std::uint64_t verdicts_ = 0;
};

}  // namespace turbo
