#include "lab/bench_udp/pacer.h"

#include <limits>

namespace turbo {

std::uint64_t Pacer::due(Time now) const {
  if (rate_ == 0) return std::numeric_limits<std::uint64_t>::max();
  if (now < start_) return 0;
  auto count = static_cast<std::uint64_t>(seconds(now - start_) * rate_);
  while (time_of(count) <= now) ++count;
  return count;
}

Time Pacer::time_of(std::uint64_t number) const {
  if (rate_ == 0) return start_;
  return start_ + from_seconds(static_cast<double>(number) / rate_);
}

}  // namespace turbo
