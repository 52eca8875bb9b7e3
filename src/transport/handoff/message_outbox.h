#pragma once
// The giving end of a hand-off: writes a message into a region that the peer created,
// sends [context id, size] on a REQ socket and waits for ACK. At most one message
// waits: a newer one takes its place, one past its deadline is dropped. A peer that
// is absent or silent costs its messages, never a hang. In the loop's thread.

#include <cstdint>
#include <functional>
#include <string>

#include "core/freshness/freshness_queue.h"
#include "transport/handoff/buffer_pool.h"
#include "transport/ipc/sockets.h"
#include "transport/shm/region.h"

namespace turbo {

class MessageOutbox {
 public:
  // Told when handing on begins to fail, with why, and with an empty text when it works again.
  using OnTrouble = std::function<void(const std::string& why)>;

  // Told after each message, taken by the peer or not: the next may go.
  using OnDone = std::function<void(Time now, bool delivered)>;

  MessageOutbox(IpcContext& context, EventLoop& loop, const std::string& endpoint, const std::string& region,
                Duration timeout, OnTrouble on_trouble, OnDone on_done = {});

  void post(Time now, std::uint64_t context_id, Buffer message, Time deadline = Time::max());

  // A message is with the peer, which has not acknowledged it: another would wait.
  bool busy() const { return queue_.in_flight(); }
  // Messages taken by the peer, and those that never reached it.
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t failed() const { return failed_; }
  const FreshnessCounts& counts() const { return queue_.counts(); }

 private:
  struct Message {
    std::uint64_t context_id = 0;
    Buffer bytes;
  };
  void send_next(Time now);
  std::string write(const Message& message);
  void answered(Time now, const std::optional<Parts>& reply);
  void finish(Time now, const std::string& trouble);

  AttachedRegion region_;
  std::string region_name_;
  OnTrouble on_trouble_;
  OnDone on_done_;
  FreshnessQueue<Message> queue_;
  bool in_trouble_ = false;
  std::uint64_t delivered_ = 0;
  std::uint64_t failed_ = 0;
  Requester requester_;
};

}  // namespace turbo
