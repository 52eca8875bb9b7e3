#include "cloud/quic_server/asker_table.h"

#include <algorithm>

namespace turbo {

void AskerTable::add(std::uint64_t context_id, Asker asker) {
  if (entries_.size() >= capacity_) entries_.pop_front();
  entries_.push_back({context_id, asker});
}

std::optional<AskerTable::Asker> AskerTable::take(std::uint64_t context_id) {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
                                  [&](const Entry& entry) { return entry.context_id == context_id; });
  if (found == entries_.rend()) return std::nullopt;
  const Asker asker = found->asker;
  entries_.erase(std::next(found).base());
  return asker;
}

void AskerTable::forget(ConnectionId connection) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.asker.connection == connection; });
}

}  // namespace turbo
