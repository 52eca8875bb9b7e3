#include "lab/link/capacity.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

class ConstantCapacity final : public Capacity {
 public:
  explicit ConstantCapacity(double rate_bps) : rate_bps_(rate_bps) {}

  Time serve(Time ready, std::size_t bytes) override {
    if (ready > free_at_) free_at_ = ready;
    if (rate_bps_ > 0) free_at_ += nanoseconds(std::llround(static_cast<double>(bytes) * 8e9 / rate_bps_));
    return free_at_;
  }
  double bits_between(Time from, Time to) const override {
    return to > from ? rate_bps_ * seconds(to - from) : 0;
  }
  double mean_bps() const override { return rate_bps_; }

 private:
  double rate_bps_;
  Time free_at_{};
};

// Several small packets share an opportunity and a large one may span two, as in Mahimahi; what is left of an
// opportunity when no packet waits is lost.
class TraceCapacity final : public Capacity {
 public:
  TraceCapacity(DeliveryTrace trace, Time start) : trace_(std::move(trace)), start_(start) {}

  Time serve(Time ready, std::size_t bytes) override {
    if (const auto first = count_before(ready); first > current_) {
      current_ = first;
      bytes_left_ = kOpportunityBytes;
    }
    while (bytes > bytes_left_) {
      bytes -= bytes_left_;
      bytes_left_ = kOpportunityBytes;
      ++current_;
    }
    bytes_left_ -= bytes;
    const Time leaves_at = time_of(current_);
    if (bytes_left_ == 0) {
      ++current_;
      bytes_left_ = kOpportunityBytes;
    }
    return leaves_at;
  }

  double bits_between(Time from, Time to) const override {
    if (to <= from) return 0;
    return static_cast<double>(count_before(to) - count_before(from)) * kOpportunityBytes * 8;
  }
  double mean_bps() const override { return trace_.mean_bps(); }

 private:
  std::uint64_t count_before(Time time) const {
    if (time <= start_) return 0;
    const nanoseconds since = time - start_, period = milliseconds(trace_.period_ms());
    const auto rounds =
        (since - nanoseconds(1)) / period;  // at a round's very end, its last is not yet before
    const auto& all = trace_.opportunities_ms;
    const auto within = std::partition_point(
        all.begin(), all.end(),
        [rest = since - rounds * period](std::uint32_t ms) { return milliseconds(ms) < rest; });
    return static_cast<std::uint64_t>(rounds) * all.size() + static_cast<std::uint64_t>(within - all.begin());
  }
  Time time_of(std::uint64_t index) const {
    const auto size = trace_.opportunities_ms.size();
    return start_ + milliseconds(trace_.period_ms()) * (index / size) +
           milliseconds(trace_.opportunities_ms[index % size]);
  }

  DeliveryTrace trace_;
  Time start_;
  std::uint64_t current_ = 0;  // opportunity in use, counted over all repetitions
  std::size_t bytes_left_ = kOpportunityBytes;
};

}  // namespace

std::unique_ptr<Capacity> constant_capacity(double rate_bps) {
  return std::make_unique<ConstantCapacity>(rate_bps);
}
std::unique_ptr<Capacity> trace_capacity(DeliveryTrace trace, Time start) {
  return std::make_unique<TraceCapacity>(std::move(trace), start);
}

}  // namespace turbo
