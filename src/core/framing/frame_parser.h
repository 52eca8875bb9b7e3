#pragma once
// Cuts the bytes of one stream into frames, whatever the chunks they arrive in. Purpose: nothing a peer sends
// makes it allocate ahead of the data, read out of bounds or go on after a mistake. It knows no time and no
// socket.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "core/framing/frame.h"

namespace turbo {

// What a stream may carry.
struct FrameLimits {
  std::uint32_t accepted = 0;  // a set of types
  std::uint32_t max_payload_bytes = 0;
  std::uint32_t max_junk_bytes = 0;
  bool single = false;  // one frame, then the stream's end
};

constexpr std::uint32_t frame_types(std::initializer_list<FrameType> types) {
  std::uint32_t set = 0;
  for (const FrameType type : types) set |= 1u << static_cast<unsigned>(type);
  return set;
}

// The three kinds of stream.
constexpr FrameLimits service_stream_at_cloud() { return {.accepted = frame_types({FrameType::kHello})}; }
constexpr FrameLimits service_stream_at_vehicle(std::uint32_t max_payload_bytes) {
  return {.accepted = frame_types({FrameType::kResponse, FrameType::kRefusal, FrameType::kDropped}),
          .max_payload_bytes = max_payload_bytes};
}
constexpr FrameLimits frame_stream(std::uint32_t max_payload_bytes, std::uint32_t max_junk_bytes) {
  return {frame_types({FrameType::kRequest, FrameType::kJunk}), max_payload_bytes, max_junk_bytes, true};
}

class FrameParser {
 public:
  // With a service, frames of another are a mistake.
  FrameParser(const FrameLimits& limits, std::optional<std::uint16_t> service_id);

  enum class Step {
    kNeedMore,  // all of `data` is consumed
    kFrame,     // header() and payload() hold a frame, until the next call of feed
    kError,     // error() says why; the parser takes nothing more
  };

  // Takes bytes from the front of `data`, which is shortened by what was taken, up to the end of one frame.
  Step feed(std::span<const std::uint8_t>& data);
  // The stream has ended: kError unless that was at the end of a frame.
  FrameError finish();

  const FrameHeader& header() const { return header_; }
  bool has_header() const { return header_filled_ == kFrameHeaderBytes; }
  // Payload of a request or response. Junk is counted in the header but never kept. The caller may swap it
  // with a vector of its own, whose capacity is used again.
  std::vector<std::uint8_t>& payload() { return payload_; }
  FrameError error() const { return error_; }

 private:
  FrameError check_header();
  void take_payload(std::span<const std::uint8_t>& data);

  FrameLimits limits_;
  std::optional<std::uint16_t> service_id_;
  bool greeted_ = false;

  std::array<std::uint8_t, kFrameHeaderBytes> raw_header_{};
  std::size_t header_filled_ = 0;
  FrameHeader header_;
  std::vector<std::uint8_t> payload_;
  std::uint32_t payload_taken_ = 0;
  bool frame_given_ = false;
  FrameError error_ = FrameError::kNone;
};

}  // namespace turbo
