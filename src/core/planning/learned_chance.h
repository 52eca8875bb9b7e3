#pragma once
// How likely frames are in time, learned during the run from those that were and were not; with a promise,
// choices that are less likely so are not made. From the estimate, its interval and how much it has moved
// lately comes how far, in standard deviations of the bandwidth's logarithm, what choices need lies below
// what there will be; what that means for being in time is learned: server, RTT and frames vary too, and
// links differ from one another. At first little is thought possible. One chance is learned for all services:
// they share the link, and that one of them fails for a reason of its own is the policy's to see
// (live_policy.h).
//
// Learning is recursive logistic regression, a step at most every 400 ms. Its offset moves by the difference
// of what was promised and what came true, by the same step for ever, so the mean difference over a run is
// the way that the offset has gone over the steps taken: it vanishes as the run goes on, as long as the
// offset stays within its bounds, whatever the link does (as in adaptive conformal inference, Gibbs and
// Candes 2021). The sum of the differences, a debt, is made good slowly besides, so that a run of two minutes
// is long enough. What is promised for a choice is the forecast for that choice.
//
// Right on the whole is not right for the choices that are made: under a promise those are made whose
// forecast happens to be high. So they have to be forecast a little likelier than promised, by a caution that
// grows with every frame too few of theirs in time, and shrinks with every frame too many.
//
// Nothing is learned while nothing is sent: after a second of that, or two if the last time was of no use,
// the promise does not count until something has been heard of what was sent. No clock, no thread, no
// allocation.

#include "core/planning/bandwidth_budget.h"
#include "core/planning/stated_promises.h"

namespace turbo {

class LearnedChance final : public BandwidthBudget {
 public:
  // promise: 0.5 to 0.99; none: every choice may be made. Throws std::invalid_argument for another.
  explicit LearnedChance(std::optional<double> promise = std::nullopt);
  std::string_view name() const override { return promise_ ? "promise" : "expected"; }
  void learn(Time now, const LinkReport& report) override;
  double most_mbps() const override { return rate_mbps_; }
  std::optional<double> chance(double needed_mbps) const override;
  double least_chance() const override { return tries() ? 0 : promise_.value_or(0) + caution_; }
  bool tries() const override { return tries_since_.has_value(); }
  std::optional<double> promise(double needed_mbps) override;

 private:
  struct Heard {  // since the last step, of frames that ended
    int finished = 0, in_time = 0;
    double promised = 0, margin = 0;  // sums over the frames
  };
  void hear(Time now, const LinkReport& report);
  void take_step(Time now);
  void note_movement(Time now, const LinkReport& report);
  void plan_tries(Time now, int finished, int in_time);
  double margin(double needed_mbps) const;  // in standard deviations, bounded

  std::optional<double> promise_;
  double offset_, slope_;
  double rate_mbps_ = 0, spread_ = 0;  // of the report at hand
  double movement_;                    // mean of the estimate's steps, as logarithms
  std::optional<Time> moved_at_;
  double moved_from_mbps_ = 0;
  Heard heard_;
  std::optional<Time> stepped_at_;
  double debt_ = 0;    // promised too much so far, in frames
  double frames_ = 0;  // mean of a step
  double steps_ = 0;
  double caution_;  // how much likelier than promised a choice has to be forecast
  StatedPromises stated_;
  std::optional<Time> last_at_;  // reported
  // When choices were made last that send, or nothing was known yet; since when one is made as a try, and
  // after how long the next is.
  std::optional<Time> sent_at_, tries_since_;
  bool sent_ = false;  // by the last decision
  Duration try_after_;
};

}  // namespace turbo
