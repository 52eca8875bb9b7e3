#pragma once
// Who asked for which context, of one service: bounded, the oldest is forgotten first.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "transport/quic/quic_types.h"

namespace turbo {

class AskerTable {
 public:
  struct Asker {
    ConnectionId connection = 0;
    StreamIndex stream = 0;
  };
  explicit AskerTable(std::size_t capacity = 64) : capacity_(capacity) {}

  void add(std::uint64_t context_id, Asker asker);
  // Of the latest request of this context; takes it out.
  std::optional<Asker> take(std::uint64_t context_id);
  void forget(ConnectionId connection);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t context_id;
    Asker asker;
  };
  std::size_t capacity_;
  std::deque<Entry> entries_;
};

}  // namespace turbo
