#pragma once
// How far what is measured lies from a table, as a factor for each of a few kinds (of frames, say). What one
// kind's measurement says of the others: the logarithm of the factor is the sum of a part that kinds have in
// common (a scene that compresses badly, a busy server), which takes up most of what is measured, and of each
// kind's own part. Both are smoothed, and forgotten slowly when they are not measured any more. What is said
// moves only when it is off by more than a few per cent, so that noise does not move choices. No clock, no
// thread; no allocation after construction.

#include <cstddef>
#include <vector>

#include "core/time.h"

namespace turbo {

class MeasuredFactor {
 public:
  // shares: for each kind, whether it has the common part (frames that are not compressed know no scene).
  explicit MeasuredFactor(std::vector<bool> shares);
  // measured over the table's; one that is not above 0 and finite is ignored, one beyond 20 counts as 20.
  void observe(std::size_t kind, double ratio);
  // Once for every report, after what it says: time without a measurement is forgetting.
  void settle(Duration since_last);
  double factor(std::size_t kind) const { return kinds_[kind].told; }

 private:
  struct Kind {
    bool shares = true;
    bool measured = false;  // since settle()
    double own = 0;         // logarithms
    double told = 1;
  };
  std::vector<Kind> kinds_;
  double common_ = 0;
  bool measured_ = false;
};

}  // namespace turbo
