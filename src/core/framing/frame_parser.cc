#include "core/framing/frame_parser.h"

#include <algorithm>

namespace turbo {
namespace {
// Memory follows the data: at most this much ahead of it at first, then at most as much again as has arrived.
constexpr std::size_t kFirstReserveBytes = 1 << 20;
}  // namespace

FrameParser::FrameParser(const FrameLimits& limits, std::optional<std::uint16_t> service_id)
    : limits_(limits), service_id_(service_id) {}

FrameParser::Step FrameParser::feed(std::span<const std::uint8_t>& data) {
  if (error_ != FrameError::kNone) return Step::kError;
  if (frame_given_) {
    frame_given_ = false;
    header_filled_ = 0;
    payload_taken_ = 0;
    payload_.clear();
  }
  if (header_filled_ < kFrameHeaderBytes) {
    const std::size_t taken = std::min(data.size(), kFrameHeaderBytes - header_filled_);
    std::copy_n(data.begin(), taken, raw_header_.begin() + static_cast<std::ptrdiff_t>(header_filled_));
    header_filled_ += taken;
    data = data.subspan(taken);
    if (header_filled_ < kFrameHeaderBytes) return Step::kNeedMore;
    error_ = check_header();
    if (error_ != FrameError::kNone) return Step::kError;
  }
  take_payload(data);
  if (payload_taken_ < header_.length_bytes) return Step::kNeedMore;
  frame_given_ = true;
  return Step::kFrame;
}

FrameError FrameParser::check_header() {
  if (const FrameError bad = decode(raw_header_, header_); bad != FrameError::kNone) return bad;
  if (header_.type == FrameType::kHello) {
    if (service_id_) return FrameError::kUnexpected;
    if (header_.length_bytes != 0) return FrameError::kTooLong;
    service_id_ = header_.service_id;
    return FrameError::kNone;
  }
  if (!service_id_) return FrameError::kNoHello;
  if (header_.service_id != *service_id_) return FrameError::kOtherService;
  if (header_.type == FrameType::kRefusal && limits_.accepted == FrameType::kResponse)
    return header_.length_bytes == 0 ? FrameError::kNone : FrameError::kTooLong;
  const bool junk = header_.type == FrameType::kJunk;
  if (!junk && header_.type != limits_.accepted) return FrameError::kUnexpected;
  const std::uint32_t limit = junk ? limits_.max_junk_bytes : limits_.max_payload_bytes;
  return header_.length_bytes > limit ? FrameError::kTooLong : FrameError::kNone;
}

void FrameParser::take_payload(std::span<const std::uint8_t>& data) {
  const std::size_t taken = std::min<std::size_t>(data.size(), header_.length_bytes - payload_taken_);
  if (taken == 0) return;
  if (header_.type != FrameType::kJunk) {
    const std::size_t needed = payload_.size() + taken;
    if (needed > payload_.capacity())
      payload_.reserve(std::min<std::size_t>(header_.length_bytes,
                                             std::max({needed, 2 * payload_.size(), kFirstReserveBytes})));
    payload_.insert(payload_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(taken));
  }
  payload_taken_ += static_cast<std::uint32_t>(taken);
  data = data.subspan(taken);
}

}  // namespace turbo
