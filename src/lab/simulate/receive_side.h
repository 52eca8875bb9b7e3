#pragma once
// The receiving half of a simulated QUIC end: which packets came, when to acknowledge them (RFC 9000, 13.2:
// every second one, at once after a gap, a single one after max_ack_delay), and which streams are complete.

#include <cstdint>
#include <vector>

#include "lab/simulate/packet.h"

namespace turbo::simulate {

class ReceiveOwner {
 public:
  virtual ~ReceiveOwner() = default;
  virtual void on_stream_begun(Time, StreamId) {}  // its first byte has come, and with it the frame's header
  virtual void on_stream_complete(Time now, StreamId stream) = 0;
  virtual void on_stream_reset(Time, StreamId) {}
};

class ReceiveSide {
 public:
  ReceiveSide(Duration max_ack_delay, ReceiveOwner& owner) : max_ack_delay_(max_ack_delay), owner_(owner) {}

  void on_packet(Time now, const Packet& packet);
  bool ack_due(Time now) const { return now >= ack_at_; }
  Time next_deadline() const { return ack_at_; }
  // Puts the acknowledgement into a packet, if there is anything to acknowledge.
  void write_ack(Time now, Packet& packet) const;
  void on_ack_sent();

 private:
  struct Bytes {  // [first, end)
    std::uint32_t first, end;
  };
  struct Stream {
    StreamId id;
    std::uint32_t size = 0;       // 0: its end has not come
    std::vector<Bytes> received;  // ascending, no two touch
  };

  void take_part(Time now, const StreamPart& part);
  void add_number(std::int64_t number);
  bool settle(StreamId stream);

  Duration max_ack_delay_;
  ReceiveOwner& owner_;
  std::vector<AckRange> numbers_;  // newest first
  Time newest_at_, ack_at_ = Time::max();
  int unacknowledged_ = 0;
  std::vector<Stream> streams_;  // begun and neither complete nor reset
  std::vector<bool> settled_;    // by id: what comes again of these is ignored
};

}  // namespace turbo::simulate
