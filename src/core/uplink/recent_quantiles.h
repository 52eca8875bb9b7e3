#pragma once
// Quantiles of the last 64 values of something measured. No clock, no thread, no allocation.

#include <array>
#include <cstddef>
#include <optional>

namespace turbo {

class RecentQuantiles {
 public:
  void add(double value);  // one that is not finite is ignored
  // By the nearest rank, q in [0, 1]; nothing before the first value.
  std::optional<double> quantile(double q) const;
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kCapacity = 64;
  std::array<double, kCapacity> values_{};
  std::size_t size_ = 0, next_ = 0;
};

}  // namespace turbo
