#pragma once
// The last minutes of diagnostics, bounded in time, number and bytes. What comes in is from anyone: a message
// is kept only if it is one of the three kinds with sane values; of its further members only plain ones are
// kept. May be used from several threads.

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

#include "core/time.h"

namespace turbo {

class History {
 public:
  static constexpr std::size_t kMaxMessageBytes = 64 * 1024;
  static constexpr std::size_t kMaxEntries = 200'000;
  static constexpr std::size_t kMaxBytes = 64 << 20;

  explicit History(Duration keep, std::size_t max_entries = kMaxEntries)
      : keep_(keep), max_entries_(max_entries) {}

  // False, with the reason in error, when the message was refused.
  bool add(Time now, double unix_s, const std::string& message, std::string& error);

  // Everything kept that is newer than `since` (0: everything), as JSON: {now, next, keep_s, refused,
  // requests [...], allocations [...], traffic [...]}. `next` is the `since` to ask with the next time. Every
  // entry has t, its time in Unix s.
  std::string to_json(double unix_s, std::uint64_t since) const;

  std::size_t size() const;

 private:
  enum class Kind { kRequest, kAllocation, kTraffic };
  struct Entry {
    std::uint64_t number;
    Time at;
    Kind kind;
    std::string json;
  };
  void drop_old(Time now);

  Duration keep_;
  std::size_t max_entries_;
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
  std::uint64_t next_number_ = 1;
  std::uint64_t refused_ = 0;
};

}  // namespace turbo
