#pragma once
// What a stream carries: a header of fixed size, little-endian, then `length` bytes of payload.
// docs/wire-protocol.md says who sends which on what stream.
//
//   offset  size  field
//        0     3  magic "TRB"
//        3     1  version, 2
//        4     1  type
//        5     1  reserved, 0
//        6     2  service id
//        8     8  context id
//       16     4  remaining budget in microseconds when the header was written; kNoBudget: no deadline
//       20     4  length of the payload in bytes

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace turbo {

enum class FrameType : std::uint8_t {
  kHello = 1,     // vehicle: this stream is the service's, for answers; no payload
  kRequest = 2,   // vehicle: a frame to look at
  kResponse = 3,  // cloud: the answer
  kJunk = 4,      // vehicle: bytes to measure the link with; ignored
  kRefusal = 5,   // cloud: this service is not served here; no payload
  kDropped = 6,   // cloud: the request was dropped unread, its budget was gone; no payload
};

inline constexpr std::size_t kFrameHeaderBytes = 24;
inline constexpr std::array<std::uint8_t, 4> kFrameMagic{'T', 'R', 'B', 2};
// Of junk; no service has it, whatever services an end has.
inline constexpr std::uint16_t kJunkServiceId = 0xffff;
inline constexpr std::uint32_t kNoBudget = 0xffffffff;
inline constexpr std::uint32_t kMaxJunkBytes = 4 << 20;  // of one frame of it

struct FrameHeader {
  FrameType type = FrameType::kHello;
  std::uint16_t service_id = 0;
  std::uint64_t context_id = 0;
  std::uint32_t budget_us = kNoBudget;
  std::uint32_t length_bytes = 0;

  bool operator==(const FrameHeader&) const = default;
};

enum class FrameError {
  kNone,
  kBadMagic,
  kBadVersion,
  kBadType,
  kBadReserved,
  kTooLong,       // length over the reader's limit, or a payload where there is none
  kOtherService,  // a service id that is not this stream's
  kUnexpected,    // a type this end does not take on this stream, or a second hello
  kTooMany,       // more bytes after the one frame of a stream
  kCutShort,      // the stream ended within a frame
};

// One clear phrase for a log line.
const char* describe(FrameError error);

void encode(const FrameHeader& header, std::span<std::uint8_t, kFrameHeaderBytes> out);

// Reads a header. Checks magic, version, type and the reserved byte; limits are the parser's.
FrameError decode(std::span<const std::uint8_t, kFrameHeaderBytes> in, FrameHeader& header);

}  // namespace turbo
