#pragma once
// What the link carries, from what a sender sees of its own stream bytes: when it sent them, when they were
// acknowledged, and when it had nothing more to send. No clock, no thread, nothing of QUIC.
//
// Bytes sent without the application running dry form a train. Over a part of a train (8 packets or more) the
// rate is the bytes acknowledged after the part's first acknowledgement, over the longer of the time it took
// to send and to acknowledge them. The sample is conclusive when acknowledging took clearly longer, for then
// the link was the limit, or when the sender went as fast as the estimate, for then the estimate was put to
// the test. Any other sample is a lower bound: it may raise the estimate and never lowers it. The estimate is
// the upper quartile of the conclusive samples of the last second, or the second largest lower bound where
// that is more; it falls at once when three conclusive samples in a row lie well below it.

#include <cstdint>
#include <deque>
#include <optional>

#include "core/time.h"

namespace turbo {

struct BandwidthReport {
  double rate_bps = 0;
  Duration age{};            // since the last conclusive sample; Duration::max() when there was none
  bool app_limited = false;  // no conclusive sample in the last second: the link may carry more
  std::uint64_t samples = 0;
};

class BandwidthEstimator {
 public:
  explicit BandwidthEstimator(double initial_bps);

  // Stream bytes, each byte once (no retransmissions), in the order in which they are acknowledged.
  void on_sent(Time now, std::int64_t bytes);
  void on_app_limited(Time now);  // the sender has nothing to send
  // rtt: smoothed; 0 when not known. Acknowledgements of one packet share one `now`.
  void on_acked(Time now, std::int64_t bytes, Duration rtt);
  // Bytes that will never be acknowledged: a stream was reset.
  void on_abandoned(Time now, std::int64_t bytes);
  // A lost connection: nothing is in flight any more. The estimate stays.
  void on_connection_lost(Time now);

  double estimate_bps(Time now) const { return report(now).rate_bps; }
  BandwidthReport report(Time now) const;
  std::int64_t outstanding_bytes() const { return sent_offset_ - acked_offset_; }

 private:
  struct Sent {
    std::int64_t end_offset;
    Time at;
    std::uint64_t train;
  };
  struct Point {  // an acknowledgement: up to which byte, when, and when that byte was sent
    std::int64_t offset;
    Time at, sent_at;
  };
  struct Part {  // of a train, being measured
    std::uint64_t train;
    Point first, before_last, last;
  };
  struct Sample {
    Time at;
    double rate_bps;
    bool conclusive;
  };

  Sent advance(std::int64_t bytes);
  void measure(Time now, const Point& point, std::uint64_t train);
  void close_part(Time now);
  void add_sample(Time now, double rate_bps, bool conclusive);
  double windowed_rate() const;
  bool fall_back();

  double estimate_bps_;
  std::int64_t sent_offset_ = 0, acked_offset_ = 0;
  std::uint64_t train_ = 0;
  bool app_limited_ = true;
  std::deque<Sent> in_flight_;
  std::optional<Part> part_;
  std::deque<Sample> samples_;
  std::optional<Time> last_conclusive_, last_progress_;
  Duration rtt_{};
  std::uint64_t sample_count_ = 0;
};

}  // namespace turbo
