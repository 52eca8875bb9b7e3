#pragma once
// One service's requests between many vehicles and one model server: which is handed on next, and who gets
// the answer. Of each vehicle at most one request waits, its freshest; the vehicles take turns. The model
// server works on one and holds one more (a newer one takes that place): no more are handed on before it
// answers, so that a vehicle that asks without end displaces its own requests only. To the model server a
// request is named by its context id, and by an id of the desk's own while another request has that: so
// vehicles may use the same ids, and no answer reaches another than its asker. No clock, no thread; bounded
// by the number of vehicles.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "core/time.h"
#include "transport/handoff/buffer_pool.h"
#include "transport/quic/quic_types.h"

namespace turbo {

class RequestDesk {
 public:
  struct Asker {
    ConnectionId vehicle = 0;
    std::uint64_t context_id = 0;  // the vehicle's
    Time arrived{};                // when the request's last byte was read
  };
  struct Request {
    Asker asker;
    Buffer message;
    Time deadline;  // by which the model server must have it
  };
  struct Handed {
    std::uint64_t id = 0;  // to the model server
    Request request;
  };
  struct Counts {
    std::uint64_t taken = 0, displaced = 0, expired = 0, handed = 0, answered = 0;
  };
  static constexpr std::size_t kWithModelServer = 2;
  static constexpr Duration kLongestWork = std::chrono::seconds(1);  // then its place is given to the next
  static constexpr std::size_t kRemembered = 256;                    // for answers that come later than that

  static constexpr std::uint64_t kOwnIds = std::uint64_t{1} << 63;  // from here on; used once each

  // life: rises over a restart, so that answers to a former life's requests are nobody's.
  explicit RequestDesk(std::uint64_t life) : next_own_id_(kOwnIds | life) {}

  // Returns whose request gave way, of this vehicle's two.
  std::optional<Asker> on_request(Time now, Request request);
  // Who is to be told that his request was dropped: its time ran out while it waited. Until it gives nothing.
  std::optional<Asker> next_expired(Time now);
  // What goes to the model server now; nothing while it has enough, or nothing waits.
  std::optional<Handed> next(Time now);
  // It was not taken. Whose it was; nothing when its asker is gone.
  std::optional<Asker> on_failed(std::uint64_t id);
  // Whose it is. Nothing: unknown, too old, or its asker is gone.
  std::optional<Asker> on_answer(std::uint64_t id);
  void forget(ConnectionId vehicle);

  Time next_deadline()
      const;  // when next or next_expired may give something without an event; Time::max(): never
  const Counts& counts() const { return counts_; }

 private:
  struct Entry {
    std::uint64_t id;
    Asker asker;  // vehicle 0: gone
    Time until;   // it has a place at the model server
    bool placed = true;
  };
  std::size_t placed() const;
  std::uint64_t choose_id(std::uint64_t context_id);
  Entry* newest_placed();
  bool may_have(ConnectionId vehicle);
  void free_places(Time now);

  std::map<ConnectionId, Request> waiting_;
  ConnectionId last_turn_ = 0;
  std::deque<Entry> handed_;  // in the order of handing on
  std::uint64_t next_own_id_;
  Counts counts_;
};

}  // namespace turbo
