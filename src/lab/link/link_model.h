#pragma once
// One direction of an emulated link: random loss, a queue with its discipline, a bottleneck, then a delay
// that may vary without ever changing the packets' order. Pure: sizes and times go in and come out, the same
// for the same seed; the packets' bytes stay with the owner. Times must not fall from call to call.

#include <cstdint>
#include <memory>
#include <optional>
#include <random>

#include "core/time.h"
#include "lab/link/capacity.h"
#include "lab/link/drop_tail.h"
#include "lab/link/jitter.h"
#include "lab/link/ring_queue.h"

namespace turbo {

struct LinkSettings {
  Duration delay{};
  double loss = 0;  // probability that a packet is lost on its way in
  std::uint64_t seed = 1;
  JitterSettings jitter{};
  Time start{};                   // where the jitter's time begins
  OutageSchedule drops_during{};  // a packet that comes then is dropped, instead of waiting for its end
};

struct LinkPacket {
  std::size_t size = 0;   // bytes on the link
  std::uint64_t tag = 0;  // the owner's: comes out as it went in
};

struct LinkDelivery {
  LinkPacket packet;
  Time pushed_at, left_at, arrives_at;  // left_at: its last byte left the bottleneck
};

struct LinkCounters {
  std::uint64_t packets_in = 0, packets_lost = 0;  // lost: at random, or during an outage that drops
  std::uint64_t packets_dropped = 0;               // the queue was full
  std::uint64_t packets_dropped_at_head = 0;       // by CoDel
  std::uint64_t packets_out = 0, bytes_out = 0;
};

// Times in the queue, until a packet's first byte leaves, of the packets that left.
struct Sojourns {
  std::uint64_t packets = 0;
  Duration total{}, longest{};
};

class LinkModel {
 public:
  // Queued and under way, whatever the settings.
  static constexpr std::size_t kMaxHeldBytes = 256u << 20, kMaxHeldPackets = 1u << 18;

  LinkModel(const LinkSettings& settings, std::unique_ptr<Capacity> capacity,
            std::unique_ptr<QueueDiscipline> discipline = std::make_unique<DropTail>());

  bool push(Time now,
            LinkPacket packet);  // false: lost or dropped; true: it comes out, or CoDel drops it later
  // When to pop next: nothing comes out before. nullopt: nothing is held.
  std::optional<Time> next_departure() const;
  std::optional<LinkDelivery> pop(Time now);  // the next packet due by now

  // What waits for the bottleneck or is just passing it.
  std::size_t queued_bytes(Time now);
  std::size_t queued_packets(Time now);
  Duration queued_time(Time now);  // until all that has left, if nothing is dropped
  Sojourns take_sojourns();        // since the last call
  const LinkCounters& counters() const { return counters_; }
  const Capacity& capacity() const { return *capacity_; }

 private:
  struct Waiting {
    LinkPacket packet;
    Time pushed_at;
  };
  bool lose();
  void advance(Time now);
  void serve(const Waiting& waiting, Time begins);
  bool sending(Time now) const { return sending_until_ > now; }

  LinkSettings settings_;
  std::unique_ptr<Capacity> capacity_;
  std::unique_ptr<QueueDiscipline> discipline_;
  Jitter jitter_;
  std::mt19937_64 random_;
  RingQueue<Waiting> queue_;
  RingQueue<LinkDelivery> under_way_;
  std::size_t queue_bytes_ = 0, held_bytes_ = 0;
  std::size_t sending_bytes_ = 0;  // of the packet that left the queue last
  Time sending_until_{}, last_arrival_{};
  Sojourns sojourns_;
  LinkCounters counters_;
};

}  // namespace turbo
