#pragma once
// Who of several services may send next over one link, and how much. Each has a guaranteed rate, a weight in
// what is left over, and a limit that it can't exceed beyond a burst of 100 ms.
//
// A service with something to send earns credit at its guaranteed rate. Those with credit go first, in
// proportion to their guaranteed rates (start-time fair queueing): each gets its guarantee when their sum
// fits the link, and its part of the link when not. Without credit anywhere the leftover goes by weight in
// the same way. Credit lasts for 200 ms of a blocked link; who had nothing to send comes back with 10 ms of
// it at most, so that it does not push the others aside. Fed with time; no clock, no thread; every call is
// O(services) and allocates nothing.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/scheduling/token_bucket.h"
#include "core/time.h"

namespace turbo {

class FairScheduler {
 public:
  struct Share {
    double guaranteed_bps = 0;
    double limit_bps = std::numeric_limits<double>::infinity();
    double weight = 1;
  };
  struct Turn {
    std::size_t service;
    std::int64_t max_bytes;  // then ask again
  };
  static constexpr std::int64_t kTurnBytes = 12 * 1500;  // of one turn, at most

  FairScheduler(Time now, const std::vector<Share>& shares);

  void set_share(Time now, std::size_t service, const Share& share);
  void set_backlog(Time now, std::size_t service, std::int64_t bytes);  // what it has to send now
  std::int64_t backlog(std::size_t service) const { return services_[service].backlog; }

  // None: nothing to send, or everybody with something to send is at the limit.
  std::optional<Turn> next_turn(Time now) const;
  void on_sent(Time now, std::size_t service, std::int64_t bytes);  // shortens the backlog
  // When somebody at the limit may send again; Time::max() when nobody waits for that.
  Time next_deadline(Time now) const;

  // How long until `bytes` of this service are sent if the link carries link_bps and the others have only
  // what they have now. best: nobody else sends.
  Duration time_to_send(Time now, std::size_t service, std::int64_t bytes, double link_bps, bool best) const;

 private:
  struct Service {
    Share share;
    TokenBucket limit;
    std::int64_t backlog = 0;
    double credit_bytes = 0;  // at updated
    Time updated;
    double guaranteed_tag = 0;  // bytes taken from the credit, over the guaranteed rate
    double leftover_tag = 0;    // bytes taken without, over the weight
  };
  double credit(const Service& service, Time now) const;
  void settle(Service& service, Time now);
  bool may_send(const Service& service, Time now) const;

  std::vector<Service> services_;
  double guaranteed_time_ = 0, leftover_time_ = 0;  // tags of those served last
};

}  // namespace turbo
