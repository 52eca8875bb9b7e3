#pragma once
// What was promised lately, and when: which promise frames were handed over under.

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "core/time.h"

namespace turbo {

struct StatedPromise {
  double probability = 0, margin = 0;  // learned_chance.h says of what
  double tries = 0;                    // share of them that were made as tries
};

class StatedPromises {
 public:
  // From now on; nothing: nothing is sent.
  void state(Time now, std::optional<StatedPromise> promise) {
    entries_[next_] = {now, promise};
    next_ = (next_ + 1) % kCapacity;
    size_ = std::min(size_ + 1, kCapacity);
    if (promise) last_ = promise;
  }
  // The mean over what was in force from one moment to another, while something was; else the last there was.
  std::optional<StatedPromise> between(Time from, Time to) const {
    StatedPromise sum;
    double weights = 0;
    Time until = to;
    for (std::size_t back = 1; back <= size_ && until > from; ++back) {
      const Entry& entry = entries_[(next_ + kCapacity - back) % kCapacity];
      const double weight = seconds(until - std::max(entry.at, from));
      until = std::min(until, entry.at);
      if (!entry.promise || !(weight > 0)) continue;
      sum.probability += weight * entry.promise->probability;
      sum.margin += weight * entry.promise->margin;
      sum.tries += weight * entry.promise->tries;
      weights += weight;
    }
    if (!(weights > 0)) return last_;
    return StatedPromise{sum.probability / weights, sum.margin / weights, sum.tries / weights};
  }

 private:
  static constexpr std::size_t kCapacity = 64;
  struct Entry {
    Time at;
    std::optional<StatedPromise> promise;
  };
  std::array<Entry, kCapacity> entries_{};
  std::size_t next_ = 0, size_ = 0;
  std::optional<StatedPromise> last_;
};

}  // namespace turbo
