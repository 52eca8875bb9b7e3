#include "core/planning/rtt_window.h"

#include <algorithm>

namespace turbo {
namespace {

constexpr double kMostMs = 1e6;
constexpr Duration kSpan = std::chrono::seconds(10);

}  // namespace

void RttWindow::add(Time now, double rtt_ms) {
  if (!(rtt_ms >= 0 && rtt_ms <= kMostMs)) return;
  samples_[next_] = {now, rtt_ms};
  next_ = (next_ + 1) % kCapacity;
  size_ = std::min(size_ + 1, kCapacity);
}

double RttWindow::planned_ms(Time now, double latest_ms) const {
  std::array<double, kCapacity> recent;
  std::size_t count = 0;
  while (count < size_ && now - newest(count).at <= kSpan) {
    recent[count] = newest(count).rtt_ms;
    ++count;
  }
  if (count == 0) return latest_ms;
  const double both = count > 1 ? std::min(recent[0], recent[1]) : recent[0];
  const auto at = recent.begin() + static_cast<std::ptrdiff_t>((count - 1) / 2);
  std::nth_element(recent.begin(), at, recent.begin() + static_cast<std::ptrdiff_t>(count));
  return std::max(both, *at);
}

}  // namespace turbo
