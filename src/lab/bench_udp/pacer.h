#pragma once
// How many packets of a constant rate are due. Pure.

#include <cstdint>

#include "core/time.h"

namespace turbo {

class Pacer {
 public:
  // 0 packets a second: without limit.
  Pacer(Time start, double packets_per_second) : start_(start), rate_(packets_per_second) {}

  std::uint64_t due(Time now) const;         // packets that should have been sent by now
  Time time_of(std::uint64_t number) const;  // when packet `number`, from 0, is due

 private:
  Time start_;
  double rate_;
};

}  // namespace turbo
