#include "lab/simulate/receive_side.h"

#include <algorithm>

namespace turbo::simulate {
namespace {

constexpr int kPacketsAnAck = 2;

}  // namespace

void ReceiveSide::on_packet(Time now, const Packet& packet) {
  const bool in_order = numbers_.empty() || packet.number == numbers_.front().last + 1;
  add_number(packet.number);
  newest_at_ = now;
  if (packet.ack_eliciting) {
    if (++unacknowledged_ >= kPacketsAnAck || !in_order)
      ack_at_ = now;
    else
      ack_at_ = std::min(ack_at_, now + max_ack_delay_);
  }
  for (std::size_t i = 0; i < packet.part_count; ++i) take_part(now, packet.parts[i]);
}

// Packets come in the order of their numbers: the link may lose them, not reorder.
void ReceiveSide::add_number(std::int64_t number) {
  if (!numbers_.empty() && number == numbers_.front().last + 1) {
    numbers_.front().last = number;
    return;
  }
  numbers_.insert(numbers_.begin(), {number, number});
  if (numbers_.size() > Packet::kMaxRanges) numbers_.pop_back();
}

void ReceiveSide::write_ack(Time now, Packet& packet) const {
  packet.range_count = 0;
  if (unacknowledged_ == 0) return;
  for (const AckRange& range : numbers_) packet.ranges[packet.range_count++] = range;
  packet.ack_delay = now - newest_at_;
}

void ReceiveSide::on_ack_sent() {
  unacknowledged_ = 0;
  ack_at_ = Time::max();
}

bool ReceiveSide::settle(StreamId stream) {
  if (settled_.size() <= stream) settled_.resize(stream + 1024);
  if (settled_[stream]) return false;
  settled_[stream] = true;
  std::erase_if(streams_, [stream](const Stream& s) { return s.id == stream; });
  return true;
}

void ReceiveSide::take_part(Time now, const StreamPart& part) {
  if (part.stream < settled_.size() && settled_[part.stream]) return;
  if (part.reset) {
    settle(part.stream);
    return owner_.on_stream_reset(now, part.stream);
  }
  auto stream =
      std::find_if(streams_.begin(), streams_.end(), [&](const Stream& s) { return s.id == part.stream; });
  if (stream == streams_.end()) stream = streams_.insert(stream, Stream{part.stream});
  if (part.fin) stream->size = part.offset + part.bytes;
  auto& received = stream->received;
  Bytes fresh{part.offset, part.offset + part.bytes};
  const auto first =
      std::find_if(received.begin(), received.end(), [&](const Bytes& b) { return b.end >= fresh.first; });
  auto last = first;
  for (; last != received.end() && last->first <= fresh.end; ++last) {
    fresh.first = std::min(fresh.first, last->first);
    fresh.end = std::max(fresh.end, last->end);
  }
  const bool had_start = !received.empty() && received.front().first == 0;
  received.insert(received.erase(first, last), fresh);
  if (!had_start && received.front().first == 0) owner_.on_stream_begun(now, part.stream);
  const bool complete = stream->size > 0 && received.size() == 1 && received.front().first == 0 &&
                        received.front().end == stream->size;
  if (complete && settle(part.stream)) owner_.on_stream_complete(now, part.stream);
}

}  // namespace turbo::simulate
