#pragma once
// When a process handles the packets that have come for it: it is woken a little after the first, and takes
// all that have come by then. Without this the two ends would run in step as no two machines do.

#include "core/time.h"
#include "scene/dice.h"

namespace turbo::simulate {

class Waker {
 public:
  Waker(Duration mean, const scene::Dice& dice) : mean_s_(seconds(mean)), dice_(dice) {}

  // arrival: of the next packet; Time::max(): none is under way.
  Time wakes_at(Time arrival) {
    if (wakes_at_ == Time::max() && arrival != Time::max())
      wakes_at_ = arrival + from_seconds(2 * mean_s_ * dice_.uniform());
    return wakes_at_;
  }
  void slept() { wakes_at_ = Time::max(); }  // all that has come is handled

 private:
  double mean_s_;
  scene::Dice dice_;
  Time wakes_at_ = Time::max();
};

}  // namespace turbo::simulate
