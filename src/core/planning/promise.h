#pragma once
// A budget for a stated probability of being in time. From the estimate, its interval and how much it has
// moved lately comes how far, in standard deviations of the bandwidth's logarithm, what choices need lies
// below what there will be; the budget is what lies so far below that frames are in time with the stated
// probability. How far that is, is learned during the run from the frames that were and were not: server,
// RTT and frames vary too, and links differ from one another.
//
// Learning is recursive logistic regression. Its offset moves by the difference of what was promised and what
// came true, by the same step for ever, so the mean difference over a run is the way that the offset has gone
// over the steps taken: it vanishes as the run goes on, whatever the link does (as in adaptive conformal
// inference, Gibbs and Candes 2021). The sum of the differences, a debt, is made good slowly besides, so that
// a run of two minutes is long enough. What is promised for a choice is the forecast for that choice: more
// than was asked for when it needs little, and less where nothing can be promised: a budget never falls so
// low that nothing would be learned any more. No clock, no thread, no allocation.

#include "core/planning/bandwidth_budget.h"

namespace turbo {

class Promise final : public BandwidthBudget {
 public:
  // probability: 0.5 to 0.99. Throws std::invalid_argument for another.
  explicit Promise(double probability);
  std::string_view name() const override { return "promise"; }
  double budget_mbps(Time now, const LinkReport& report) override;
  std::optional<double> promise(double needed_mbps) override;

 private:
  struct Stated {  // a promise that was made
    double probability = 0, margin = 0;
    bool made = false;
  };
  void learn(Time now, const LinkReport& report);
  void note_movement(Time now, const LinkReport& report);
  double margin(double needed_mbps) const;  // in standard deviations, bounded

  double target_logit_;
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
};

}  // namespace turbo
