// The cloud's handling of a vehicle's streams against chunks, ends and resets of many streams in any order.
// What comes of them must not depend on how the chunks are cut, and what is kept must stay within its bound.
// Sources: core/framing/frame.cc core/framing/frame_parser.cc cloud/quic_server/vehicle_streams.cc

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cloud/quic_server/vehicle_streams.h"
#include "core/framing/fuzz_script.h"

namespace {

using namespace turbo;
using fuzz::Script;
using Event = VehicleStreams::Event;

constexpr std::uint64_t kSmallRoom = 1'000, kLargeRoom = 1 << 30;

class Run {
 public:
  Run(std::uint64_t room, bool cut) : room_(room), cut_(cut), streams_(limits(room)) {}

  std::uint64_t play(Script script) {
    while (!script.ended() && !ended_) {
      const std::uint8_t op = script.byte();
      const std::size_t stream = script.byte() % ids_.size();
      const bool end = op & 0x80;
      switch (op % 4) {
        case 0:
          give(stream, script.bytes(script.byte()), end);
          break;
        case 1:
          give(stream, script.header(), end);
          break;
        case 2:
          if (!is_unidirectional(ids_[stream])) break;
          streams_.on_reset(ids_[stream]);
          ids_[stream] += kApart;  // QUIC never uses an id again
          break;
        default:
          now_ += std::chrono::milliseconds(script.byte());
      }
    }
    return digest_.value();
  }

 private:
  static constexpr StreamId kApart = 4 * 8;

  static VehicleStreams::Limits limits(std::uint64_t room) {
    return {.max_message_bytes = 2'000,
            .max_junk_bytes = 1'000,
            .max_half_received_bytes = room,
            .streams_per_s = 50,
            .junk_bytes_per_s = 10'000};
  }
  void give(std::size_t stream, std::span<const std::uint8_t> bytes, bool end) {
    while (cut_ && bytes.size() > 1 && !ended_) {
      read(ids_[stream], bytes.first(1), false);
      bytes = bytes.subspan(1);
    }
    if (ended_) return;
    read(ids_[stream], bytes, end);
    if (end) ids_[stream] += kApart;
  }

  void read(StreamId id, std::span<const std::uint8_t> data, bool end) {
    for (int events = 0;; ++events) {
      if (events > 300) std::abort();  // no progress
      const Event event = streams_.feed(id, data, end, now_);
      if (streams_.half_received_bytes() > room_) std::abort();
      if (event == Event::kNone) {
        if (!data.empty()) std::abort();
        return;
      }
      digest_.add(static_cast<std::uint64_t>(event));
      if (event == Event::kBreach) {
        if (streams_.breach().empty()) std::abort();
        digest_.add_all(streams_.breach());
        ended_ = true;
        return;
      }
      digest_.add(streams_.header().context_id);
      digest_.add(streams_.header().service_id);
      if (event == Event::kHello && streams_.stream_of(streams_.header().service_id) != id) std::abort();
      if (event == Event::kRequest) {
        if (streams_.payload().size() != streams_.header().length_bytes) std::abort();
        digest_.add_all(streams_.payload());
      }
    }
  }

  std::uint64_t room_;
  bool cut_;
  VehicleStreams streams_;
  std::array<StreamId, 6> ids_{0, 4, 2, 6, 10, 14};
  Time now_ = Time{} + std::chrono::hours(1);
  fuzz::Digest digest_;
  bool ended_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Script script({data, std::min<std::size_t>(size, 1'500)});  // longer ones show nothing new, slowly
  if (Run(kLargeRoom, false).play(script) != Run(kLargeRoom, true).play(script)) std::abort();
  Run(kSmallRoom, false).play(script);  // what has no room depends on the chunks
  return 0;
}
