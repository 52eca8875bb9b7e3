#include "lab/link/capacity.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// What an outage interrupts goes on after it.
class ConstantCapacity final : public Capacity {
 public:
  ConstantCapacity(double rate_bps, OutageSchedule outages)
      : rate_bps_(rate_bps), outages_(std::move(outages)) {}

  Time begins(Time ready) const override { return outages_.resumes(std::max(ready, free_at_)); }
  Time serve(Time ready, std::size_t bytes) override { return free_at_ = would_leave(ready, bytes); }
  Time would_leave(Time ready, std::size_t bytes) const override {
    const Time from = begins(ready);
    if (rate_bps_ == 0) return from;
    return outages_.finishes(from, nanoseconds(std::llround(static_cast<double>(bytes) * 8e9 / rate_bps_)));
  }
  double bits_between(Time from, Time to) const override {
    return rate_bps_ * seconds(outages_.working_time(from, to));
  }
  double mean_bps() const override { return rate_bps_; }

 private:
  double rate_bps_;
  OutageSchedule outages_;
  Time free_at_{};
};

// Several small packets share an opportunity and a large one may span two, as in Mahimahi; what is left of an
// opportunity when no packet waits is lost, and so is an opportunity in an outage.
class TraceCapacity final : public Capacity {
 public:
  TraceCapacity(DeliveryTrace trace, Time start, OutageSchedule outages)
      : trace_(std::move(trace)), start_(start), outages_(std::move(outages)) {
    next_ = {usable(0), kOpportunityBytes};
  }

  Time begins(Time ready) const override { return time_of(from(ready).index); }
  Time serve(Time ready, std::size_t bytes) override {
    next_ = from(ready);
    const Time leaves_at = take(next_, bytes);
    if (next_.bytes_left == 0) next_ = {usable(next_.index + 1), kOpportunityBytes};
    return leaves_at;
  }
  Time would_leave(Time ready, std::size_t bytes) const override {
    Position position = from(ready);
    return take(position, bytes);
  }

  double bits_between(Time from, Time to) const override {
    if (to <= from) return 0;
    auto count = count_before(to) - count_before(from);
    for (const Outage& outage : outages_.all())
      if (const Time begin = std::max(from, outage.from), end = std::min(to, outage.to); begin < end)
        count -= count_before(end) - count_before(begin);
    return static_cast<double>(count) * kOpportunityBytes * 8;
  }
  double mean_bps() const override { return trace_.mean_bps(); }

 private:
  struct Position {
    std::uint64_t index;  // of an opportunity, counted over all repetitions
    std::size_t bytes_left;
  };

  Position from(Time ready) const {
    if (ready <= time_of(next_.index)) return next_;
    return {usable(count_before(ready)), kOpportunityBytes};
  }
  Time take(Position& position, std::size_t bytes) const {
    while (bytes > position.bytes_left) {
      bytes -= position.bytes_left;
      position = {usable(position.index + 1), kOpportunityBytes};
    }
    position.bytes_left -= bytes;
    return time_of(position.index);
  }
  // The first opportunity from `index` on that is not in an outage.
  std::uint64_t usable(std::uint64_t index) const {
    for (;;) {
      const Time at = time_of(index), resumes = outages_.resumes(at);
      if (resumes == at) return index;
      index = count_before(resumes);
    }
  }
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
  OutageSchedule outages_;
  Position next_{};
};

}  // namespace

std::unique_ptr<Capacity> constant_capacity(double rate_bps, OutageSchedule outages) {
  return std::make_unique<ConstantCapacity>(rate_bps, std::move(outages));
}
std::unique_ptr<Capacity> trace_capacity(DeliveryTrace trace, Time start, OutageSchedule outages) {
  return std::make_unique<TraceCapacity>(std::move(trace), start, std::move(outages));
}

}  // namespace turbo
