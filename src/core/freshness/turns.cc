#include "core/freshness/turns.h"

#include <cmath>
#include <utility>

namespace turbo {

bool Turns::take(Time captured, double rate_per_s) {
  if (rate_per_s <= 0) return true;
  const double turns = seconds(captured.time_since_epoch()) * rate_per_s - place_;
  const auto turn = static_cast<std::int64_t>(std::floor(turns));
  const bool begins = std::exchange(rate_per_s_, rate_per_s) != rate_per_s;
  return std::exchange(turn_, turn) != turn && !begins;
}

}  // namespace turbo
