#pragma once
// How likely frames are in time, learned during the run from those that were and were not; with a promise,
// choices that are less likely so are not made. From the estimate, its interval and how much it has moved
// lately comes how far, in standard deviations of the bandwidth's logarithm, what choices need lies below
// what there will be; what that means for being in time is learned: server, RTT and frames vary too, and
// links differ from one another. At first little is thought possible.
//
// Learning is recursive logistic regression. Its offset moves by the difference of what was promised and what
// came true, by the same step for ever, so the mean difference over a run is the way that the offset has gone
// over the steps taken: it vanishes as the run goes on, whatever the link does (as in adaptive conformal
// inference, Gibbs and Candes 2021). The sum of the differences, a debt, is made good slowly besides, so that
// a run of two minutes is long enough. Nothing is learned while nothing is sent: every few seconds the
// promise then does not count for one decision. What is promised for a choice is the forecast for that
// choice. No clock, no thread, no allocation.

#include "core/planning/bandwidth_budget.h"

namespace turbo {

class LearnedChance final : public BandwidthBudget {
 public:
  // promise: 0.5 to 0.99, or 0 for none. Throws std::invalid_argument for another.
  explicit LearnedChance(double promise = 0);
  std::string_view name() const override { return promise_ > 0 ? "promise" : "expected"; }
  void learn(Time now, const LinkReport& report) override;
  double most_mbps() const override { return rate_mbps_; }
  double chance(double needed_mbps) const override;
  double least_chance() const override { return tries_ ? 0 : promise_; }
  bool tries() const override { return tries_; }
  std::optional<double> promise(double needed_mbps) override;

 private:
  struct Stated {  // a promise that was made
    double probability = 0, margin = 0;
    bool made = false;
  };
  void learn_from_frames(Time now, const LinkReport& report);
  void note_movement(Time now, const LinkReport& report);
  double margin(double needed_mbps) const;  // in standard deviations, bounded

  double promise_;
  double offset_, slope_;
  double rate_mbps_ = 0, spread_ = 0;  // of the report at hand
  double movement_;                    // mean of the estimate's steps, as logarithms
  std::optional<Time> moved_at_;
  double moved_from_mbps_ = 0;
  double debt_ = 0;       // promised too much so far, in frames
  double frames_ = 0;     // mean of a report that has any
  double reports_ = 0;    // that had
  Stated last_, before_;  // what the last two decisions stated
  std::optional<Time> last_at_;
  std::optional<Time> sent_at_;  // when choices were made last that send, or nothing was known yet
  bool tries_ = false;
};

}  // namespace turbo
