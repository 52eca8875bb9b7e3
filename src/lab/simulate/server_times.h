#pragma once
// How long the server takes, from its last answers: what an answer is expected to take now.

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/time.h"

namespace turbo::simulate {

class ServerTimes {
 public:
  void add(Duration time) {
    times_[next_ % times_.size()] = time;
    ++next_;
  }
  // Nine of ten of the last answers took no longer. 0 before the first.
  Duration expected() const {
    auto times = times_;
    const std::size_t count = std::min(next_, times.size());
    if (count == 0) return Duration::zero();
    const auto at = times.begin() + static_cast<std::ptrdiff_t>((count - 1) * 9 / 10);
    std::nth_element(times.begin(), at, times.begin() + static_cast<std::ptrdiff_t>(count));
    return *at;
  }

 private:
  std::array<Duration, 20> times_{};
  std::size_t next_ = 0;
};

}  // namespace turbo::simulate
