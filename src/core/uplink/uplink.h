#pragma once
// All services' way to the cloud: which frame is sent next, how fast, and which is cancelled. A service has
// at most one frame in flight (not all of its bytes sent) and one waiting; a newer one takes the waiting
// one's place. Payload is opaque. Fed with time and events; knows no clock, thread or socket, and the owner's
// transport only by on_sent().
//
// A frame's answer is predicted for now + time to send what is left of it + RTT + the server's time.
//
// Not started: a waiting frame whose answer can't be in time although no other service sent anything. It
// keeps the waiting place in case the link turns out better, and is counted hopeless when it goes. The rate
// and RTT to predict with lie around the estimate, between a little worse and the best there might be (the
// interval's upper end, the smallest RTT): more hopeful with time and with every frame sent in time that the
// estimate as it stands would have kept back, less with every frame that was late. A link left idle is the
// greater loss, so hope comes more easily than doubt. One frame is started on trial when none was under way
// for 250 ms, or none of its service for a second.
//
// Cancelled as hopeless: a frame in flight that can't be in time at the best (one on trial: when its deadline
// is over).
//
// Cancelled for a fresher: when the frame in flight would be late at the interval's lower end, the waiting
// one, started now, would not be, and more than half the waiting one's size is left to send of the one in
// flight: the fresher one then promises more answers a byte. The frame started after such a cancellation is
// safe from the next, so at least every other frame begun is finished if the link can carry it in time.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "core/scheduling/fair_scheduler.h"
#include "core/time.h"

namespace turbo {

struct UplinkFrame {
  std::uint64_t context_id = 0;
  std::int64_t size_bytes = 0;  // all that goes on its stream, header too
  Time arrived;
  Time deadline;  // by which the answer is wanted
  std::shared_ptr<const std::vector<std::uint8_t>> message;
};

struct LinkView {  // what the estimator says now
  double rate_bps = 0;
  Duration rtt{};       // with the queueing there is now
  double low_bps = 0;   // ends of the rate's interval; 0: three fourths of the rate,
  double high_bps = 0;  // and four thirds
  Duration min_rtt{};   // without queueing; 0: as rtt
};

struct UplinkCounts {  // pushed = displaced + expired + hopeless + dropped + started + waiting
  std::uint64_t pushed = 0;
  std::uint64_t displaced = 0;  // by a newer frame
  std::uint64_t expired = 0;    // waited beyond queue_slo or its deadline
  std::uint64_t hopeless = 0;   // not started because it could not be in time
  std::uint64_t dropped = 0;    // of a refused service
  std::uint64_t started = 0;    // = finished + cancelled + abandoned + in flight
  std::uint64_t finished = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t cancelled_for_fresher = 0;  // of the cancelled
  std::uint64_t abandoned = 0;              // the connection was lost, or the service refused
  std::uint64_t cancelled_bytes = 0;        // sent in vain
};

// What became of a frame. After kSent the cloud has it, and the last two are told by whoever hears of them.
enum class FrameEnd {
  kSent,
  kDisplaced,
  kExpired,
  kHopeless,
  kRefused,
  kCancelled,
  kCancelledForFresher,
  kAbandoned,
  kAnswered,
  kDroppedByCloud
};
const char* name_of(FrameEnd end);  // "sent", "displaced", "expired", "hopeless", "refused", "cancelled", ...

struct EndedFrame {
  std::size_t service = 0;
  std::uint64_t context_id = 0;
  FrameEnd end = FrameEnd::kSent;
  Duration after{};                     // its arrival
  std::int64_t sent_bytes = 0;          // not 0 of those that were started
  std::optional<Duration> waited = {};  // from its arrival to its start; nothing: never started
};

class Uplink {
 public:
  struct ServiceSettings {
    std::uint16_t service_id = 1;
    double rate_bps = 0;   // guaranteed, until the first allocation
    double weight = 1;     // in the leftover
    Duration queue_slo{};  // longest wait before a frame is started
  };
  struct Settings {
    bool share_leftover = true;  // false: withheld, the guaranteed rate is also the limit
    bool cancel = true;
    bool newest_first = true;  // false: first come first served, up to 8 waiting, started hopeless or not
  };
  struct Cancelled {
    std::size_t service;
    std::uint64_t context_id;
    std::int64_t sent_bytes;
    bool for_fresher;
  };
  struct Started {
    std::size_t service;
    UplinkFrame frame;
    Duration budget;  // left until the deadline
  };
  using Turn = FairScheduler::Turn;

  // Services are named by their index from here on.
  Uplink(const Settings& settings, const std::vector<ServiceSettings>& services, Time now);

  // A limit of 0 closes the service: nothing is started; a frame in flight goes on as before.
  void set_allocation(Time now, std::size_t service, double guaranteed_bps,
                      double limit_bps = std::numeric_limits<double>::infinity());
  void set_server_time(std::size_t service, Duration expected);
  void on_frame(Time now, std::size_t service, UplinkFrame frame);

  // Refused by the cloud: in flight and waiting are given up, further frames dropped until on_disconnected().
  void refuse(Time now, std::size_t service);
  void on_disconnected(Time now);  // frames in flight are given up, waiting ones wait on

  // After every event: next_cancel until none (without a connection too: it drops what has expired), then,
  // with a connection, next_start until none, then next_turn before every packet.
  std::optional<Cancelled> next_cancel(Time now, const LinkView& link);  // reset its stream
  std::optional<Started> next_start(Time now, const LinkView& link);     // open one, write header and message
  std::optional<Turn> next_turn(Time now) const { return scheduler_.next_turn(now); }
  void on_sent(Time now, std::size_t service, std::int64_t bytes);  // new bytes, no retransmissions

  // Every frame, once, when it ends; of those that nobody asked for, the oldest 64.
  std::optional<EndedFrame> next_ended();

  Time next_deadline(Time now) const;  // when there is something to do without an event; Time::max(): never
  bool idle() const;                   // nothing waits, nothing is in flight
  const UplinkCounts& counts(std::size_t service) const { return services_[service].counts; }
  double guaranteed_bps(std::size_t service) const { return services_[service].guaranteed_bps; }

 private:
  static constexpr std::size_t kMaxWaiting = 8;
  static constexpr std::size_t kMaxEnded = 64;

  struct Waiting {
    UplinkFrame frame;
    bool hopeless = false;
  };
  struct Flight {
    std::uint64_t context_id;
    std::int64_t size_bytes, sent_bytes = 0;
    Time arrived, started, deadline;
    bool trial = false;       // hopeless, but nothing else would tell
    bool borderline = false;  // hopeless by the estimate as it stands
    bool protected_from_fresher = false;
  };
  struct Service {
    ServiceSettings settings;
    double guaranteed_bps = 0, limit_bps = 0;
    Duration server_time{};
    std::vector<Waiting> waiting;  // oldest first; reserved at construction
    std::optional<Flight> flight;
    Time last_under_way;  // when a frame of it was last in flight
    bool refused = false;
    bool gave_way = false;  // the last frame in flight was cancelled for a fresher
    UplinkCounts counts;
    bool closed() const { return refused || limit_bps <= 0; }
  };
  struct Conditions {
    double rate_bps;
    Duration rtt;
  };
  enum class Prospect { kSafe, kAtRisk, kHopeless };

  double optimism(Time now) const;
  void learn(Time now, const Flight& flight, bool in_time);
  static Conditions conditions(const LinkView& link, double optimism);
  bool feasible(Time now, std::size_t service, std::int64_t bytes, Time deadline,
                const Conditions& link) const;
  Prospect prospect(Time now, std::size_t service, std::int64_t bytes, Time deadline,
                    const LinkView& link) const;
  bool fresher_is_worth_more(Time now, std::size_t service, const LinkView& link) const;
  Cancelled cancel(Time now, std::size_t service, bool for_fresher);
  void end_flight(Time now, std::size_t service, FrameEnd end);
  void note_end(Time now, std::size_t service, const UplinkFrame& frame, FrameEnd end);
  void tell_end(const EndedFrame& ended);
  void apply_share(Time now, std::size_t service);
  void drop_waiting(Time now, std::size_t service, std::size_t position, FrameEnd end);
  void expire(Time now);
  bool any_in_flight() const;
  Time trial_due_at(const Service& service) const;
  Time give_up_at(const Service& service, const Flight& flight) const;
  Time expires_at(const Service& service, const Waiting& waiting) const;

  Settings settings_;
  FairScheduler scheduler_;
  std::vector<Service> services_;
  std::deque<EndedFrame> ended_;
  double optimism_ = 0.5;  // at optimism_at_; below 0: worse than the estimate, 1: the best
  Time optimism_at_;
  LinkView link_;        // as last told
  Time last_under_way_;  // when a frame was last in flight
};

}  // namespace turbo
