#pragma once
// How fast a link carries bytes: at a constant rate, or by a trace; nothing during outages.
// Pure; times must not fall from call to call.

#include <memory>

#include "core/time.h"
#include "lab/link/delivery_trace.h"
#include "lab/link/outage_schedule.h"

namespace turbo {

class Capacity {
 public:
  virtual ~Capacity() = default;
  // When the next packet, there from `ready` on, begins to leave.
  virtual Time begins(Time ready) const = 0;
  // When the last of `bytes` has left, if the first may leave from `ready` on and all before have left.
  virtual Time serve(Time ready, std::size_t bytes) = 0;
  virtual Time would_leave(Time ready, std::size_t bytes) const = 0;  // serve() without doing it
  // What could have been carried in [from, to).
  virtual double bits_between(Time from, Time to) const = 0;
  virtual double mean_bps() const = 0;  // outages not counted
};

// rate_bps 0: no limit, everything leaves at once.
std::unique_ptr<Capacity> constant_capacity(double rate_bps, OutageSchedule outages = {});
// The trace's millisecond 0 is at `start`.
std::unique_ptr<Capacity> trace_capacity(DeliveryTrace trace, Time start, OutageSchedule outages = {});

}  // namespace turbo
