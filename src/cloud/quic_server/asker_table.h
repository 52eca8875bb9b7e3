#pragma once
// Who asked for which context, of one service: bounded, the oldest is forgotten first. An answer names its
// context only, so a context belongs to one connection at a time: the answer never goes to another.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "core/time.h"
#include "transport/quic/quic_types.h"

namespace turbo {

class AskerTable {
 public:
  static constexpr Duration kLongestWait = std::chrono::seconds(10);
  explicit AskerTable(std::size_t capacity = 64) : capacity_(capacity) {}

  // False, and nothing is changed, while another connection waits for this context's answer; one that has
  // waited for kLongestWait gives way. The same connection may ask again.
  bool add(Time now, std::uint64_t context_id, ConnectionId asker);
  // Takes it out.
  std::optional<ConnectionId> take(std::uint64_t context_id);
  void forget(ConnectionId connection);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t context_id;
    ConnectionId asker;
    Time since;
  };
  std::deque<Entry>::iterator find(std::uint64_t context_id);

  std::size_t capacity_;
  std::deque<Entry> entries_;  // a context at most once
};

}  // namespace turbo
