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

void SendStream::advance(std::uint64_t bytes) { sent_ += std::min(bytes, end_ - sent_); }

std::uint64_t SendStream::acknowledge(std::uint64_t offset) {
  offset = std::min(offset, sent_);
  if (offset <= acknowledged_) return 0;
  const std::uint64_t fresh = offset - acknowledged_;
  acknowledged_ = offset;
  while (!chunks_.empty() && begin_ + chunks_.front()->size() <= acknowledged_) {
    begin_ += chunks_.front()->size();
    chunks_.pop_front();
  }
  return fresh;
}

}  // namespace turbo
