#include "lab/simulate/end.h"

namespace turbo::simulate {

void Direction::push(Time now, PacketPool::Index packet) {
  const std::uint64_t tag = first_tag_ + packets_.size();
  const auto bytes = static_cast<std::size_t>(pool_[packet].bytes + Packet::kIpBytes);
  if (model_.push(now, {bytes, tag}))
    packets_.push_back(packet);
  else
    pool_.give_back(packet);
}

std::optional<PacketPool::Index> Direction::pop(Time now) {
  const auto delivery = model_.pop(now);
  if (!delivery) return std::nullopt;
  // The queue's discipline dropped the ones before it that did not come out.
  for (; first_tag_ < delivery->packet.tag; ++first_tag_) {
    pool_.give_back(packets_.front());
    packets_.pop_front();
  }
  const PacketPool::Index packet = packets_.front();
  packets_.pop_front();
  ++first_tag_;
  return packet;
}

End::End(const SendSide::Settings& settings, Time now, SendOwner& send_owner, ReceiveOwner& receive_owner,
         PacketPool& pool, Direction& out)
    : settings_(settings), send_owner_(send_owner), receive_owner_(receive_owner), pool_(pool), out_(out) {
  begin_connection(now, 0);
}

void End::begin_connection(Time now, std::uint32_t connection) {
  connection_ = connection;
  send_.emplace(settings_, now, send_owner_);
  receive_.emplace(settings_.max_ack_delay, receive_owner_);
}

void End::send_handshake(Time now, PacketKind kind, std::uint32_t connection) {
  const PacketPool::Index index = pool_.take();
  Packet& packet = pool_[index];
  packet = {};
  packet.kind = kind;
  packet.connection = connection;
  packet.bytes = Packet::kHandshakeBytes;
  out_.push(now, index);
}

bool End::on_packet(Time now, PacketPool::Index index, std::uint32_t& connection) {
  const Packet& packet = pool_[index];
  connection = packet.connection;
  const bool handshake = packet.kind != PacketKind::kData;
  if (!handshake && connection == connection_) {
    if (packet.range_count > 0) send_->on_ack(now, packet);
    receive_->on_packet(now, packet);
  }
  pool_.give_back(index);
  return handshake;
}

void End::write(Time now) {
  send_->begin_burst();
  for (;;) {
    const PacketPool::Index index = pool_.take();
    Packet& packet = pool_[index];
    packet.kind = PacketKind::kData;
    packet.connection = connection_;
    receive_->write_ack(now, packet);
    if (!send_->fill(now, packet, receive_->ack_due(now))) {
      pool_.give_back(index);
      break;
    }
    if (packet.range_count > 0) receive_->on_ack_sent();
    out_.push(now, index);
  }
  send_->end_burst(now);
}

}  // namespace turbo::simulate
