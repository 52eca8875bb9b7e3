#include "lab/link/codel.h"

#include <cmath>

namespace turbo {

bool CoDel::above_for_an_interval(Time now, Duration sojourn, std::size_t behind) {
  if (sojourn < settings_.target || behind <= settings_.max_packet_bytes) {
    above_ = false;
  } else if (!above_) {
    above_ = true;
    may_drop_at_ = now + settings_.interval;
  } else {
    return now >= may_drop_at_;
  }
  return false;
}

Time CoDel::control_law(Time from) const {
  return from + std::chrono::duration_cast<Duration>(settings_.interval / std::sqrt(count_));
}

// A state left a short time ago is resumed near the rate of drops that it had reached.
bool CoDel::start_dropping(Time now) {
  const std::uint32_t gained = count_ - last_count_;
  const bool recent = now - drop_next_ < 16 * settings_.interval;
  count_ = gained > 1 && recent ? gained : 1;
  last_count_ = count_;
  drop_next_ = control_law(now);
  dropping_ = just_started_ = true;
  return true;
}

bool CoDel::drops_head(Time now, Duration sojourn, std::size_t behind) {
  const bool may_drop = above_for_an_interval(now, sojourn, behind);
  if (just_started_) {  // the packet behind the first one dropped is always sent
    just_started_ = false;
    return false;
  }
  if (!dropping_) return may_drop && start_dropping(now);
  if (!may_drop) {
    dropping_ = false;
    return false;
  }
  if (now < drop_next_) return false;
  ++count_;
  drop_next_ = control_law(drop_next_);
  return true;
}

}  // namespace turbo
