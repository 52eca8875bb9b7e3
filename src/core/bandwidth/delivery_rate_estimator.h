#pragma once
// What the link carries, from what a sender sees: QUIC packet bytes entering and leaving flight. It estimates
// the capacity averaged over the last half second. No clock, no thread, nothing of QUIC.
//
// Bytes leave flight in the order in which they entered it (packets have no names here), which gives each
// acknowledged byte its time of sending. Where the bytes of an acknowledgement were at the link's queue
// before the previous ones had left it (sent a smallest RTT and some jitter before the previous
// acknowledgement), the link was busy from one acknowledgement to the next, and bytes over time is what it
// carried, whatever the application did. The rate is the sum of such bytes over the sum of such times: no
// maximum of noisy samples, hence no bias upwards. A run of acknowledgements without a queue is a sample
// limited by the sender: a lower bound, which can only raise. The rate falls at once when the last few
// acknowledgements came much more slowly with a queue, and while nothing comes back at all.

#include <cstdint>
#include <optional>

#include "core/bandwidth/fixed_ring.h"
#include "core/time.h"

namespace turbo {

struct LinkEstimate {
  double rate_bps = 0;
  double low_bps = 0, high_bps = 0;  // holds the true rate with the probability asked for
  Duration age{};                    // since the link was last measured; Duration::max() when never
  bool app_limited = true;           // not measured for half a second: the link may carry more
  Duration min_rtt{};                // the smallest of the last 15 to 30 s; 0: not known yet
  Duration queueing_delay{};         // latest RTT less the smallest
  std::uint64_t samples = 0;         // acknowledgements that measured the link
};

class DeliveryRateEstimator {
 public:
  enum class Formula {
    kDeliveryRate,
    kWindowOverRtt,  // the prototype's, for comparison: congestion window over RTT, an interval of no width
  };
  struct Settings {
    double initial_bps = 1e6;
    double probability = 0.8;  // of the interval
    Formula formula = Formula::kDeliveryRate;
  };
  explicit DeliveryRateEstimator(const Settings& settings);

  // Bytes of packets that count as in flight, headers included.
  void on_sent(Time now, std::int64_t bytes);
  // Left flight as acknowledged; one call for each batch of datagrams read together. latest_rtt 0: not known.
  void on_acked(Time now, std::int64_t bytes, Duration latest_rtt);
  void on_lost(Time now, std::int64_t bytes);  // left flight as lost
  void on_app_limited(Time now);               // nothing to send, or nothing that may be sent
  void on_window(Time now, std::int64_t window_bytes, Duration smoothed_rtt);
  // A new address or connection: nothing is in flight, the RTT is unknown, the rate a guess from the old one.
  void on_path_changed(Time now);

  LinkEstimate report(Time now) const;
  std::int64_t outstanding_bytes() const { return sent_offset_ - left_offset_; }

 private:
  struct Sent {
    std::int64_t end_offset;
    Time at;
    bool begins_train;  // the sender had had nothing to send
  };
  struct Left {  // what an acknowledgement took out of flight
    Time first_sent, last_sent;
    bool ends_train;  // the sender had nothing to send after it
  };
  struct Slice {  // a time, and what the link carried in it
    Time begin, end;
    std::int64_t bytes;
    bool busy;  // false: the sender was the limit, the link could have carried more
    double time_s() const { return seconds(end - begin); }
  };
  struct Segment {  // the slices without a pause between them
    Time begin;
    double bytes = 0;
    Duration queueing{};  // the longest
    bool proven = false;  // a queue, not jitter
  };
  struct Run {  // acknowledgements without a queue
    Time first_acked, first_sent, last_acked, last_sent;
    std::int64_t bytes = 0;
  };

  void set_interval(LinkEstimate& out) const;
  Left leave_flight(std::int64_t bytes);
  void note_rtt(Time now, Duration rtt);
  std::optional<Time> busy_since(Time now, const Left& left, std::int64_t bytes) const;
  void add_busy(Time begin, Time end, std::int64_t bytes, Duration queueing);
  void add_free(Time now, std::int64_t bytes, Time first_sent, Time last_sent);
  void add(const Slice& slice);
  void end_run();
  void note_spread(Time end);
  void forget_unproven();
  void notice_fall();
  Duration min_rtt() const;
  Duration margin() const;
  std::optional<Slice> open_slice(Time now) const;
  double windowed_rate(const std::optional<Slice>& open) const;

  Settings settings_;
  FixedRing<Sent> flight_;
  FixedRing<Slice> slices_;
  std::int64_t sent_offset_ = 0, left_offset_ = 0, train_begin_ = 0;
  bool app_limited_ = true;
  std::optional<Time> last_acked_;  // of this train
  std::optional<Time> measured_at_;
  Duration latest_rtt_{}, epoch_min_rtt_{}, last_epoch_min_rtt_{};
  Time epoch_begin_{};
  double jitter_s_ = 0;
  double raised_bps_ = 0, busy_since_raise_s_ = 0;  // the largest lower bound of late
  double spread_ = 0.3;                             // of short busy times around the estimate, as a logarithm
  Time spread_to_{};
  Segment segment_{};
  std::size_t unproven_ = 0;  // the newest slices, of a segment not proven yet
  std::optional<Run> run_;
  double held_bps_;        // without slices: the initial rate, or what a lower bound raised it to
  double window_bps_ = 0;  // the prototype's formula
  std::uint64_t samples_ = 0;
};

}  // namespace turbo
