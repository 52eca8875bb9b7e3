#pragma once
// A queue in which only the newest matters: at most one item waits and at most
// one is in flight. A newer item takes the place of the waiting one; an item
// past its deadline is never handed out. It holds no clock and no thread.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/time.h"

namespace turbo {

struct FreshnessCounts {
  std::uint64_t pushed = 0;
  std::uint64_t displaced = 0;  // by a newer item, while waiting
  std::uint64_t expired = 0;    // dropped because the deadline had passed before they went out
  std::uint64_t popped = 0;
};

template <class Item>
class FreshnessQueue {
 public:
  // Puts the item in the waiting place and returns what it displaced. An item already past its deadline is
  // counted as expired and returned itself; what waits stays.
  std::optional<Item> push(Time now, Item item, Time deadline) {
    ++counts_.pushed;
    if (now >= deadline) {
      ++counts_.expired;
      return item;
    }
    std::optional<Item> displaced;
    if (waiting_) {
      displaced = std::move(waiting_->item);
      ++(now >= waiting_->deadline ? counts_.expired : counts_.displaced);
    }
    waiting_ = Entry{std::move(item), deadline};
    return displaced;
  }

  // The waiting item when nothing is in flight and its deadline is
  // still ahead; it is in flight from now on, until finished().
  std::optional<Item> pop(Time now) {
    expire(now);
    if (flight_deadline_ || !waiting_) return std::nullopt;
    std::optional<Item> item(std::move(waiting_->item));
    flight_deadline_ = waiting_->deadline;
    waiting_.reset();
    ++counts_.popped;
    return item;
  }

  // The item in flight has been sent, or was given up.
  void finished() { flight_deadline_.reset(); }

  // Takes out the waiting item when its deadline has passed; pop() does the same and drops it.
  std::optional<Item> expire(Time now) {
    if (!waiting_ || now < waiting_->deadline) return std::nullopt;
    std::optional<Item> item(std::move(waiting_->item));
    waiting_.reset();
    ++counts_.expired;
    return item;
  }

  void clear() {
    waiting_.reset();
    flight_deadline_.reset();
  }

  bool waiting() const { return waiting_.has_value(); }
  bool in_flight() const { return flight_deadline_.has_value(); }
  std::optional<Time> flight_deadline() const { return flight_deadline_; }

  // The next time at which expire() or the owner of the item in flight has something to do.
  std::optional<Time> next_deadline() const {
    if (!waiting_) return flight_deadline_;
    return flight_deadline_ ? std::min(*flight_deadline_, waiting_->deadline) : waiting_->deadline;
  }

  const FreshnessCounts& counts() const { return counts_; }

 private:
  struct Entry {
    Item item;
    Time deadline;
  };
  std::optional<Entry> waiting_;
  std::optional<Time> flight_deadline_;
  FreshnessCounts counts_;
};

}  // namespace turbo
