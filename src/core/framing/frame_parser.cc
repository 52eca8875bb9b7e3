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
    if (limits_.single && !data.empty()) error_ = FrameError::kTooMany;
    if (limits_.single) return data.empty() ? Step::kNeedMore : Step::kError;
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

FrameError FrameParser::finish() {
  if (error_ == FrameError::kNone && !frame_given_ && (limits_.single || header_filled_ > 0))
    error_ = FrameError::kCutShort;
  return error_;
}

FrameError FrameParser::check_header() {
  if (const FrameError bad = decode(raw_header_, header_); bad != FrameError::kNone) return bad;
  if (!(limits_.accepted & frame_types({header_.type}))) return FrameError::kUnexpected;
  if (service_id_ && header_.service_id != *service_id_) return FrameError::kOtherService;
  switch (header_.type) {
    case FrameType::kHello:
      if (greeted_) return FrameError::kUnexpected;
      greeted_ = true;
      [[fallthrough]];
    case FrameType::kRefusal:
    case FrameType::kDropped:
      return header_.length_bytes == 0 ? FrameError::kNone : FrameError::kTooLong;
    case FrameType::kJunk:
      return header_.length_bytes <= limits_.max_junk_bytes ? FrameError::kNone : FrameError::kTooLong;
    case FrameType::kRequest:
    case FrameType::kResponse:
      break;
  }
  return header_.length_bytes <= limits_.max_payload_bytes ? FrameError::kNone : FrameError::kTooLong;
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
