#include "transport/quic/send_stream.h"

#include <algorithm>

namespace turbo {

void SendStream::push(Chunk chunk) {
  if (!chunk || chunk->empty()) return;
  end_ += chunk->size();
  chunks_.push_back(std::move(chunk));
}

std::size_t SendStream::next(std::uint64_t limit, std::span<std::span<const std::uint8_t>> out) const {
  std::size_t pieces = 0;
  std::uint64_t chunk_begin = begin_;
  std::uint64_t from = sent_;
  for (const Chunk& chunk : chunks_) {
    if (limit == 0 || pieces == out.size()) break;
    const std::uint64_t chunk_end = chunk_begin + chunk->size();
    if (chunk_end > from) {
      const std::uint64_t taken = std::min(limit, chunk_end - from);
      out[pieces++] = {chunk->data() + (from - chunk_begin), static_cast<std::size_t>(taken)};
      from += taken;
      limit -= taken;
    }
    chunk_begin = chunk_end;
  }
  return pieces;
}

void SendStream::advance(std::uint64_t bytes, bool with_end) {
  sent_ += std::min(bytes, end_ - sent_);
  end_sent_ = end_sent_ || (with_end && sent_ == end_);
}

void SendStream::cut() {
  end_ = sent_;
  ends_ = false;
  cut_ = true;
}

void SendStream::rewind() {
  owed_to_ = cut_ ? 0 : std::max(owed_to_, sent_);
  sent_ = begin_;
  if (cut_) end_ = sent_;
  end_sent_ = false;
  losses_seen = 0;
}

void SendStream::acknowledge(std::uint64_t offset) {
  acknowledged_ = std::max(acknowledged_, std::min(offset, sent_));
  std::size_t done = 0;
  while (done < chunks_.size() && begin_ + chunks_[done]->size() <= acknowledged_)
    begin_ += chunks_[done++]->size();
  chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(done));
}

}  // namespace turbo
