#pragma once
// Whether the cloud is out of reach, as a client can tell: an offloaded frame missed its deadline, and for a
// short grace after it nothing came from the cloud. Back with the first answer, whatever frame it is of. A
// miss alone is no outage: the vehicle's end may have dropped that frame for a fresher one, whose answer says
// that all is well. No clock, no thread; bounded.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "core/time.h"

namespace turbo {

class CloudWatch {
 public:
  explicit CloudWatch(Duration grace = std::chrono::milliseconds(50)) : grace_(grace) {}

  void on_offloaded(std::uint64_t context_id, Time deadline);
  // Nothing is awaited for it any more: it was not taken.
  void on_withdrawn(std::uint64_t context_id);
  // Anything that the cloud said of a frame, also too late, also a failure. Frames offered before that one
  // are not awaited any more.
  void on_answer(std::uint64_t context_id);
  // Call it after every event and at next_deadline().
  void advance(Time now);

  bool out() const { return out_; }
  std::optional<Time> next_deadline() const;  // none: nothing can change without an event

 private:
  struct Awaited {
    std::uint64_t context_id;
    Time deadline;
  };

  Duration grace_;
  std::deque<Awaited> awaited_;  // in the order of sending
  std::optional<Time> missed_;   // the first deadline since the last answer that passed without one
  bool out_ = false;
};

}  // namespace turbo
