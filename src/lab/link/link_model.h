#pragma once
// One direction of an emulated link: random loss, a drop-tail queue, a
// bottleneck, then a fixed delay. Pure: packets and times go in, packets come
// out, the same for the same seed. Times must not fall from call to call.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "core/time.h"
#include "lab/link/capacity.h"

namespace turbo {

struct LinkSettings {
  Duration delay{};
  std::size_t queue_bytes = 0;  // waiting for the bottleneck; 0: only kMaxHeldBytes bounds it
  double loss = 0;              // probability that a packet is lost on its way in
  std::uint64_t seed = 1;
};

struct LinkCounters {
  std::uint64_t packets_in = 0, packets_lost = 0, packets_dropped = 0;  // dropped: the queue was full
  std::uint64_t packets_out = 0, bytes_out = 0;
};

class LinkModel {
 public:
  using Packet = std::vector<unsigned char>;
  static constexpr std::size_t kMaxHeldBytes = 256u << 20;  // queued and under way, whatever the settings

  LinkModel(const LinkSettings& settings, std::unique_ptr<Capacity> capacity);

  bool push(Time now, Packet packet);  // false: lost or dropped
  std::optional<Time> next_departure() const;
  std::optional<Packet> pop(Time now);  // the next packet due by now

  std::size_t queued_bytes(Time now);
  const LinkCounters& counters() const { return counters_; }
  const Capacity& capacity() const { return *capacity_; }

 private:
  struct Held {
    Time arrives_at;
    Packet packet;
  };
  struct Queued {
    Time leaves_at;
    std::size_t size;
  };
  bool lose();

  LinkSettings settings_;
  std::unique_ptr<Capacity> capacity_;
  std::mt19937_64 random_;
  std::deque<Held> held_;
  std::deque<Queued> queue_;
  std::size_t held_bytes_ = 0, queued_bytes_ = 0;
  LinkCounters counters_;
};

}  // namespace turbo
