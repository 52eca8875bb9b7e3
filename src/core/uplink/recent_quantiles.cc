#include "core/uplink/recent_quantiles.h"

#include <algorithm>
#include <cmath>

namespace turbo {

void RecentQuantiles::add(double value) {
  if (!std::isfinite(value)) return;
  values_[next_] = value;
  next_ = (next_ + 1) % kCapacity;
  size_ = std::min(size_ + 1, kCapacity);
}

std::optional<double> RecentQuantiles::quantile(double q) const {
  if (size_ == 0) return std::nullopt;
  std::array<double, kCapacity> sorted = values_;
  const auto rank = static_cast<std::size_t>(std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(size_)));
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(rank > 0 ? rank - 1 : 0);
  std::nth_element(sorted.begin(), at, sorted.begin() + static_cast<std::ptrdiff_t>(size_));
  return *at;
}

}  // namespace turbo
