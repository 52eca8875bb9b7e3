#include "cloud/quic_server/asker_table.h"

#include <algorithm>

namespace turbo {

std::deque<AskerTable::Entry>::iterator AskerTable::find(std::uint64_t context_id) {
  return std::find_if(entries_.begin(), entries_.end(),
                      [&](const Entry& entry) { return entry.context_id == context_id; });
}

bool AskerTable::add(Time now, std::uint64_t context_id, ConnectionId asker) {
  if (const auto earlier = find(context_id); earlier != entries_.end()) {
    if (earlier->asker != asker && now - earlier->since < kLongestWait) return false;
    entries_.erase(earlier);
  }
  if (entries_.size() >= capacity_) entries_.pop_front();
  entries_.push_back({context_id, asker, now});
  return true;
}

std::optional<ConnectionId> AskerTable::take(std::uint64_t context_id) {
  const auto found = find(context_id);
  if (found == entries_.end()) return std::nullopt;
  const ConnectionId asker = found->asker;
  entries_.erase(found);
  return asker;
}

void AskerTable::forget(ConnectionId connection) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.asker == connection; });
}

}  // namespace turbo
