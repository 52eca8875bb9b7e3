#pragma once
// One service's way to the cloud: which frame goes next and how fast. Newest first, at most one frame waiting
// and one in flight; a frame that waited longer than the queue's SLO is not sent; the allocated rate is held
// over 100 ms. Fed with time and events; knows no socket.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/framing/frame.h"
#include "core/freshness/freshness_queue.h"
#include "core/scheduling/token_bucket.h"
#include "core/time.h"

namespace turbo {

class ServiceUplink {
 public:
  using Bytes = std::shared_ptr<const std::vector<std::uint8_t>>;
  struct Settings {
    std::uint16_t service_id = 1;
    double rate_bps = 0;     // until the first decision
    Duration queue_slo{};    // longest wait before a frame is sent
    Duration request_slo{};  // from a frame's arrival to its answer: what the cloud may count on
  };
  struct Outgoing {
    Bytes header;
    Bytes message;
  };

  ServiceUplink(const Settings& settings, Time now);

  // The allocator's decision. A rate of 0 closes the service, but not on a frame half sent: that one is
  // finished at the rate it had, because the stream could not carry the next frame otherwise.
  void set_rate(Time now, double rate_bps);
  double rate_bps() const { return wanted_bps_; }

  void on_frame(Time now, std::uint64_t context_id, Bytes message);
  // What to put on the stream now, if anything: nothing while a frame is in flight. `drained`: the transport
  // has sent all it was given.
  std::optional<Outgoing> next(Time now, bool drained);
  void expire(Time now) { queue_.expire(now); }
  std::uint64_t allowance(Time now) const { return static_cast<std::uint64_t>(bucket_.available(now)); }
  void on_sent(Time now, std::uint64_t bytes);
  void on_disconnected(Time now);

  // When there is something to do, given how much of the stream the transport still holds.
  Time next_deadline(Time now, std::uint64_t unsent_bytes) const;
  bool has_work() const { return queue_.waiting() || queue_.in_flight(); }
  const FreshnessCounts& counts() const { return queue_.counts(); }

 private:
  struct Frame {
    std::uint64_t context_id = 0;
    Time arrived;
    Bytes message;
  };
  void finish(Time now);

  Settings settings_;
  double wanted_bps_;
  TokenBucket bucket_;
  FreshnessQueue<Frame> queue_;
};

}  // namespace turbo
