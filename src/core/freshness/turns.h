#pragma once
// Which of a camera's frames are sent when not all of them are: one in each turn of 1 / rate seconds, the
// first that was captured in it. The turns of services that send at one rate begin spread over it, each at
// its place, so that their frames do not meet on the link as long as a turn has as many frames as there are
// services. All captures are told on one clock, so that nobody has to agree on anything. No clock, no thread.

#include <cstdint>

#include "core/time.h"

namespace turbo {

class Turns {
 public:
  Turns(int place, int places) : place_(static_cast<double>(place) / places) {}  // 0 <= place < places

  // Whether a frame that was captured then is sent; it then has this turn. rate: turns a second, or 0: every
  // frame is sent. With another rate the first turn is the next that begins.
  bool take(Time captured, double rate_per_s);

 private:
  double place_;
  double rate_per_s_ = 0;
  std::int64_t turn_ = 0;  // the last that was had
};

}  // namespace turbo
