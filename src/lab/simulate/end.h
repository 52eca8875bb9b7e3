#pragma once
// A simulated QUIC end at its link: what it sends goes into one direction, what comes out of the other is
// given to it. The connection stands from the beginning; packets are all there is of it.

#include <deque>
#include <limits>
#include <optional>

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

  // The packet goes back to the pool. True: a handshake's, `connection` its number; the owner decides.
  bool on_packet(Time now, PacketPool::Index packet, std::uint32_t& connection);
  void on_timer(Time now) { send_->on_timer(now); }
  void write(Time now);
  Time next_deadline() const { return std::min(send_->next_deadline(), receive_->next_deadline()); }
  SendSide& send() { return *send_; }
  const SendSide& send() const { return *send_; }

  std::uint32_t connection() const { return connection_; }
  void begin_connection(Time now, std::uint32_t connection);  // all of the one before is forgotten
  void send_handshake(Time now, PacketKind kind, std::uint32_t connection);

 private:
  SendSide::Settings settings_;
  SendOwner& send_owner_;
  ReceiveOwner& receive_owner_;
  std::uint32_t connection_ = 0;
  std::optional<SendSide> send_;
  std::optional<ReceiveSide> receive_;
  PacketPool& pool_;
  Direction& out_;
};

}  // namespace turbo::simulate
