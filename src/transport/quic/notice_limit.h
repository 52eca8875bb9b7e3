#pragma once
// How often the log may hear of refused clients: a hostile one must not fill it. Private to this folder.

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/time.h"

namespace turbo {

class NoticeLimit {
 public:
  // Nothing: keep quiet. Else how many were kept quiet since the last.
  std::optional<std::uint64_t> take(Time now) {
    if (now - since_ > std::chrono::seconds(1)) {
      since_ = now;
      count_ = 0;
    }
    if (++count_ <= kNoticesPerSecond) return std::exchange(quiet_, 0);
    ++quiet_;
    return std::nullopt;
  }

 private:
  static constexpr std::uint32_t kNoticesPerSecond = 5;
  Time since_{};
  std::uint32_t count_ = 0;
  std::uint64_t quiet_ = 0;
};

}  // namespace turbo
