#pragma once
// A simulated QUIC end at its link: what it sends goes into one direction, what comes out of the other is
// given to it. The connection stands from the beginning; packets are all there is of it.

#include <deque>
#include <limits>

#include "lab/link/link_model.h"
#include "lab/simulate/receive_side.h"
#include "lab/simulate/send_side.h"

namespace turbo::simulate {

// One direction of the link, with the pool's packets.
class Direction {
 public:
  Direction(LinkModel model, PacketPool& pool) : model_(std::move(model)), pool_(pool) {}

  void push(Time now, PacketPool::Index packet);
  Time next_departure() const { return model_.next_departure().value_or(Time::max()); }
  std::optional<PacketPool::Index> pop(Time now);
  const LinkModel& model() const { return model_; }

 private:
  LinkModel model_;
  PacketPool& pool_;
  std::deque<PacketPool::Index> packets_;  // those that the model holds or has dropped from its queue
  std::uint64_t first_tag_ = 0;            // of packets_.front()
};

class End {
 public:
  End(const SendSide::Settings& settings, Time now, SendOwner& send_owner, ReceiveOwner& receive_owner,
      PacketPool& pool, Direction& out);

  void on_packet(Time now, PacketPool::Index packet);  // gives it back to the pool
  void on_timer(Time now) { send_.on_timer(now); }
  void write(Time now);
  Time next_deadline() const { return std::min(send_.next_deadline(), receive_.next_deadline()); }
  SendSide& send() { return send_; }
  const SendSide& send() const { return send_; }

 private:
  SendSide send_;
  ReceiveSide receive_;
  PacketPool& pool_;
  Direction& out_;
};

}  // namespace turbo::simulate
