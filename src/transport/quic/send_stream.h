#pragma once
// The sending half of a stream: chunks in order, how far they are sent and how far acknowledged. Keeps every
// chunk until its last byte is acknowledged, because QUIC may have to send any of it again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "transport/quic/quic_types.h"

namespace turbo {

class SendStream {
 public:
  void push(Chunk chunk);
  void finish() { ends_ = true; }  // nothing is pushed any more
  void cut();                      // what is unsent never will be
  // All of it has to be sent once more; none of it was acknowledged.
  void rewind();
  // Bytes that were sent before a rewind, and are unsent again.
  std::uint64_t owed_bytes() const { return owed_to_ - std::min(sent_, owed_to_); }
  bool is_cut() const { return cut_; }
  std::uint64_t unsent_bytes() const { return end_ - sent_; }
  std::uint64_t unacknowledged_bytes() const { return end_ - acknowledged_; }
  bool has_unsent() const { return unsent_bytes() > 0 || (ends_ && !end_sent_); }
  bool ends() const { return ends_; }
  bool was_sent() const { return sent_ > 0 || end_sent_ || owed_to_ > 0; }  // any of it

  // The next bytes to send, at most `limit`, as up to out.size() pieces. Returns the number of pieces.
  std::size_t next(std::uint64_t limit, std::span<std::span<const std::uint8_t>> out) const;
  void advance(std::uint64_t bytes, bool with_end = false);

  // Everything before this offset in the stream is acknowledged.
  void acknowledge(std::uint64_t offset);

  std::uint64_t blocked_in_burst = 0;  // the burst in which flow control held it
  std::size_t losses_seen = 0;         // packets

 private:
  std::vector<Chunk> chunks_;
  std::uint64_t begin_ = 0;         // stream offset of the first chunk kept
  std::uint64_t acknowledged_ = 0;  // begin_ <= acknowledged_ <= sent_ <= end_
  std::uint64_t sent_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t owed_to_ = 0;
  bool ends_ = false, end_sent_ = false, cut_ = false;
};

}  // namespace turbo
