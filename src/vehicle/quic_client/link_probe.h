#pragma once
// When and how much junk to send, so that the bandwidth estimate does not stay
// low for want of traffic: a small train once nothing has measured the link
// for a while and no frame is on its way. Fed with time; knows no socket.

#include <cstdint>

#include "core/time.h"

namespace turbo {

class LinkProbe {
 public:
  struct Settings {
    bool enabled = true;
    Duration quiet{};             // this long without a measurement, and between two probes
    std::uint64_t max_bytes = 0;  // of one probe
  };
  explicit LinkProbe(const Settings& settings) : settings_(settings) {}

  // Size of the probe to send now; 0: none. measured_ago: the age of the last link-limited sample; idle: no
  // frame is waiting, being sent or being acknowledged.
  std::uint32_t due_bytes(Time now, double estimate_bps, Duration measured_ago, bool idle);

 private:
  Settings settings_;
  Time last_{};
};

}  // namespace turbo
