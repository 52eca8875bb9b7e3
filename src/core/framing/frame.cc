#include "core/framing/frame.h"

#include <algorithm>

namespace turbo {
namespace {

template <typename Int>
void put(std::uint8_t* at, Int value) {
  for (std::size_t i = 0; i < sizeof(Int); ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

template <typename Int>
Int get(const std::uint8_t* at) {
  Int value = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i) value = static_cast<Int>(value | Int{at[i]} << (8 * i));
  return value;
}

}  // namespace

const char* describe(FrameError error) {
  switch (error) {
    case FrameError::kNone:
      return "no error";
    case FrameError::kBadMagic:
      return "not a frame: wrong magic";
    case FrameError::kBadVersion:
      return "frame of another protocol version";
    case FrameError::kBadType:
      return "frame of an unknown type";
    case FrameError::kBadReserved:
      return "frame with a reserved byte set";
    case FrameError::kTooLong:
      return "frame longer than allowed";
    case FrameError::kOtherService:
      return "frame of another service";
    case FrameError::kUnexpected:
      return "frame of a type not expected here";
    case FrameError::kTooMany:
      return "more than one frame on a frame's stream";
    case FrameError::kCutShort:
      return "stream ended within a frame";
  }
  return "unknown error";
}

void encode(const FrameHeader& header, std::span<std::uint8_t, kFrameHeaderBytes> out) {
  std::copy(kFrameMagic.begin(), kFrameMagic.end(), out.begin());
  out[4] = static_cast<std::uint8_t>(header.type);
  out[5] = 0;
  put(&out[6], header.service_id);
  put(&out[8], header.context_id);
  put(&out[16], header.budget_us);
  put(&out[20], header.length_bytes);
}

FrameError decode(std::span<const std::uint8_t, kFrameHeaderBytes> in, FrameHeader& header) {
  if (!std::equal(kFrameMagic.begin(), kFrameMagic.begin() + 3, in.begin())) return FrameError::kBadMagic;
  if (in[3] != kFrameMagic[3]) return FrameError::kBadVersion;
  if (in[4] < static_cast<std::uint8_t>(FrameType::kHello) ||
      in[4] > static_cast<std::uint8_t>(FrameType::kDropped))
    return FrameError::kBadType;
  if (in[5] != 0) return FrameError::kBadReserved;
  header.type = static_cast<FrameType>(in[4]);
  header.service_id = get<std::uint16_t>(&in[6]);
  header.context_id = get<std::uint64_t>(&in[8]);
  header.budget_us = get<std::uint32_t>(&in[16]);
  header.length_bytes = get<std::uint32_t>(&in[20]);
  return FrameError::kNone;
}

}  // namespace turbo
