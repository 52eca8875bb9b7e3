#pragma once
// The sending half of a simulated QUIC end: packets filled from streams as their owner says, paced and held
// to the congestion window; loss found by packet number, time or probe timeout (RFC 9002), lost bytes sent
// again before new ones. Fed with time and events.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "lab/simulate/bbr.h"
#include "lab/simulate/packet.h"

namespace turbo::simulate {

// The owner of an end: says whose bytes go next, is told what became of the packets. Their bytes are those
// counted in flight.
class SendOwner {
 public:
  struct Turn {
    StreamId stream;
    std::int64_t max_bytes;
  };
  virtual ~SendOwner() = default;
  virtual std::optional<Turn> next_turn(Time now) = 0;
  virtual void on_stream_sent(Time, StreamId, std::int64_t /*bytes, each byte once*/) {}
  virtual void on_packets_sent(Time, std::int64_t /*bytes*/) {}
  virtual void on_packets_acked(Time, std::int64_t /*bytes*/, Duration /*latest_rtt*/) {}
  virtual void on_packets_lost(Time, std::int64_t /*bytes*/) {}
};

class SendSide {
 public:
  struct Settings {
    std::int64_t packet_bytes = 1472;  // UDP payload: what path MTU discovery finds on Ethernet
    Duration max_ack_delay = std::chrono::milliseconds(25);
    Duration handshake_rtt{};  // the RTT's first sample
    std::uint64_t seed = 1;
  };
  SendSide(const Settings& settings, Time now, SendOwner& owner);

  StreamId open_stream(std::int64_t bytes);
  void reset_stream(StreamId stream);  // what of it is not sent, or lost, is not sent any more
  std::int64_t unsent_bytes(StreamId stream) const;
  bool holds(StreamId stream) const;  // not all of it is acknowledged

  // One call of write: fill() until it says false, then end_burst().
  void begin_burst();
  // Completes a packet whose acknowledgements, if any, are there; false: none may or need go now.
  // ack_due: it goes even for its acknowledgements alone.
  bool fill(Time now, Packet& packet, bool ack_due);
  void end_burst(Time now);
  void on_ack(Time now, const Packet& packet);
  void on_timer(Time now);
  // Congestion control and RTT begin anew, as after a change of address.
  void restart_path(Time now);

  // When write or on_timer has something to do without an event of the owner.
  Time next_deadline() const { return std::min(next_send_, loss_timer_); }
  std::int64_t cwnd_bytes() const { return bbr_->cwnd_bytes(); }
  std::int64_t in_flight() const { return in_flight_; }
  Duration smoothed_rtt() const { return smoothed_rtt_; }
  Duration min_rtt() const { return min_rtt_; }

 private:
  enum class Fate : std::uint8_t { kInFlight, kAcked, kLost };
  struct Sent {
    Time at;
    std::int64_t bytes = 0;
    SendStamp stamp;
    Fate fate = Fate::kInFlight;
    bool queued_again = false;  // for a probe, although not lost
    std::uint8_t part_count = 0;
    std::array<StreamPart, Packet::kMaxParts> parts;
  };
  struct Stream {
    StreamId id;
    std::uint32_t bytes, sent = 0;
  };

  bool may_send(Time now) const;
  void fill_again(Packet& packet, std::int64_t& room);
  void fill_new(Time now, Packet& packet, std::int64_t& room);
  void record(Time now, const Packet& packet);
  void update_rtt(Duration latest, Duration ack_delay);
  std::int64_t acknowledge(Time now, const Packet& packet, RateSample& rtt);
  std::int64_t detect_losses(Time now);
  void queue_again(const Sent& sent);
  void queue_probe();
  void forget_settled();
  void arm();
  Duration probe_timeout() const;
  bool was_reset(StreamId stream) const;

  Settings settings_;
  SendOwner& owner_;
  DeliveryRate rate_;
  std::optional<Bbr> bbr_;

  std::vector<Stream> streams_;   // with unsent bytes
  std::deque<StreamPart> again_;  // lost, or a reset: go before new bytes
  std::deque<StreamId> resets_;   // the latest
  StreamId next_stream_ = 1;

  std::deque<Sent> sent_;  // numbers from base_number_ on, without those at the front whose fate is known
  std::int64_t base_number_ = 0, largest_acked_ = -1;
  std::int64_t in_flight_ = 0;
  Time last_eliciting_;

  Duration latest_rtt_{}, smoothed_rtt_{}, rtt_variation_{}, min_rtt_ = Duration::max();
  Time paced_until_, next_send_ = Time::max(), loss_timer_ = Time::max(), loss_time_ = Time::max();
  std::int64_t burst_ = 0;
  int timeouts_ = 0, probes_ = 0;
};

}  // namespace turbo::simulate
