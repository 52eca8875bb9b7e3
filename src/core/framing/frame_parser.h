#pragma once
// Cuts the bytes of one stream into frames, whatever the chunks they arrive
// in. Purpose: nothing a peer sends makes it allocate ahead of the data, read
// out of bounds or go on after a mistake. It knows no time and no socket.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/framing/frame.h"

namespace turbo {

struct FrameLimits {
  FrameType accepted = FrameType::kRequest;  // besides junk, the hello that binds an unbound stream and, with
                                             // responses, a refusal
  std::uint32_t max_payload_bytes = 0;
  std::uint32_t max_junk_bytes = 0;
};

class FrameParser {
 public:
  // With a service the stream is bound from the start and no
  // hello is taken; without, the first frame must be one.
  FrameParser(const FrameLimits& limits, std::optional<std::uint16_t> service_id);

  enum class Step {
    kNeedMore,  // all of `data` is consumed
    kFrame,     // header() and payload() hold a frame, until the next call of feed
    kError,     // error() says why; the parser takes nothing more
  };

  // Takes bytes from the front of `data`, which is shortened by what was taken, up to the end of one frame.
  Step feed(std::span<const std::uint8_t>& data);

  const FrameHeader& header() const { return header_; }
  // Payload of a request or response. Junk is counted in the header but never kept. The caller may swap it
  // with a vector of its own, whose capacity is used again.
  std::vector<std::uint8_t>& payload() { return payload_; }
  FrameError error() const { return error_; }
  std::optional<std::uint16_t> service_id() const { return service_id_; }

 private:
  FrameError check_header();
  void take_payload(std::span<const std::uint8_t>& data);

  FrameLimits limits_;
  std::optional<std::uint16_t> service_id_;

  std::array<std::uint8_t, kFrameHeaderBytes> raw_header_{};
  std::size_t header_filled_ = 0;
  FrameHeader header_;
  std::vector<std::uint8_t> payload_;
  std::uint32_t payload_taken_ = 0;
  bool frame_given_ = false;
  FrameError error_ = FrameError::kNone;
};

}  // namespace turbo
