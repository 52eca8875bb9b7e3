#pragma once
// A frame on a service's stream: a header of fixed size, little-endian, then `length` bytes of payload.
//
//   offset  size  field
//        0     3  magic "TRB"
//        3     1  version, 1
//        4     1  type
//        5     1  reserved, 0
//        6     2  service id
//        8     8  context id
//       16     4  remaining budget in microseconds when the header was written; kNoBudget: no deadline
//       20     4  length of the payload in bytes
//
// The first frame on a stream is a hello without payload; it binds the stream to its service. The cloud
// answers the hello of a service that it does not serve with a refusal, without payload either, and ignores
// what else comes on that stream; the other streams go on.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace turbo {

enum class FrameType : std::uint8_t { kHello = 1, kRequest = 2, kResponse = 3, kJunk = 4, kRefusal = 5 };

inline constexpr std::size_t kFrameHeaderBytes = 24;
inline constexpr std::array<std::uint8_t, 4> kFrameMagic{'T', 'R', 'B', 1};
// Of the stream that carries junk; no service has it, whatever services an end has.
inline constexpr std::uint16_t kJunkServiceId = 0xffff;
inline constexpr std::uint32_t kNoBudget = 0xffffffff;

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
  kTooLong,       // length over the reader's limit, or a hello or a refusal with a payload
  kOtherService,  // a service id that is not this stream's
  kNoHello,       // the first frame of a stream that is not yet bound is no hello
  kUnexpected,    // a type this end does not take, or a second hello
};

// One clear phrase for a log line.
const char* describe(FrameError error);

void encode(const FrameHeader& header, std::span<std::uint8_t, kFrameHeaderBytes> out);

// Reads a header. Checks magic, version, type and the reserved byte; limits are the parser's.
FrameError decode(std::span<const std::uint8_t, kFrameHeaderBytes> in, FrameHeader& header);

}  // namespace turbo
