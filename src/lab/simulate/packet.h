#pragma once
// A simulated QUIC packet: which bytes of which streams it carries and what it acknowledges, no payload.
// Packets live in a pool; what travels over a link is the place in it.

#include <array>
#include <cstdint>
#include <vector>

#include "core/time.h"

namespace turbo::simulate {

using StreamId = std::uint32_t;  // in the order of opening, each end its own

struct StreamPart {
  StreamId stream = 0;
  std::uint32_t offset = 0, bytes = 0;
  bool fin = false, reset = false;
};

struct AckRange {  // packet numbers, both ends within
  std::int64_t first = 0, last = 0;
};

enum class PacketKind : std::uint8_t { kData, kHello, kWelcome };  // the latter two: a handshake, each way

struct Packet {
  static constexpr std::size_t kMaxParts = 4, kMaxRanges = 16;
  static constexpr std::int64_t kIpBytes = 28;        // IPv4 and UDP headers, which the link carries too
  static constexpr std::int64_t kOverheadBytes = 38;  // short header with connection id, and the AEAD's tag
  static constexpr std::int64_t kPartBytes = 8;       // header of a STREAM or RESET_STREAM frame
  static constexpr std::int64_t kHandshakeBytes = 1'200;
  static constexpr std::int64_t kAckBytes = 6, kRangeBytes = 3;

  PacketKind kind = PacketKind::kData;
  std::uint32_t connection = 0;  // packets of an earlier one are ignored
  std::int64_t number = 0;
  std::int64_t bytes = 0;  // of UDP payload
  bool ack_eliciting = false;
  std::uint8_t part_count = 0, range_count = 0;  // range_count 0: acknowledges nothing
  Duration ack_delay{};
  std::array<StreamPart, kMaxParts> parts;
  std::array<AckRange, kMaxRanges> ranges;  // newest first
};

class PacketPool {
 public:
  using Index = std::uint32_t;
  Index take() {
    if (free_.empty()) {
      packets_.emplace_back();
      return static_cast<Index>(packets_.size() - 1);
    }
    const Index index = free_.back();
    free_.pop_back();
    return index;
  }
  void give_back(Index index) { free_.push_back(index); }
  Packet& operator[](Index index) { return packets_[index]; }
  std::size_t in_use() const { return packets_.size() - free_.size(); }

 private:
  std::vector<Packet> packets_;
  std::vector<Index> free_;
};

}  // namespace turbo::simulate
