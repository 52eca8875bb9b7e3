#include "lab/link/link_model.h"

namespace turbo {

LinkModel::LinkModel(const LinkSettings& settings, std::unique_ptr<Capacity> capacity)
    : settings_(settings), capacity_(std::move(capacity)), random_(settings.seed) {}

// Not a standard distribution: their results differ from library to library.
bool LinkModel::lose() {
  return settings_.loss > 0 && static_cast<double>(random_() >> 11) * 0x1p-53 < settings_.loss;
}

bool LinkModel::push(Time now, Packet packet) {
  ++counters_.packets_in;
  if (lose()) {
    ++counters_.packets_lost;
    return false;
  }
  const std::size_t size = packet.size();
  const std::size_t queued = queued_bytes(now);  // an empty queue takes any packet, however short it is
  const bool queue_full = settings_.queue_bytes != 0 && queued > 0 && queued + size > settings_.queue_bytes;
  if (queue_full || held_bytes_ + size > kMaxHeldBytes) {
    ++counters_.packets_dropped;
    return false;
  }
  const Time leaves_at = capacity_->serve(now, size);
  queue_.push_back({leaves_at, size});
  queued_bytes_ += size;
  held_.push_back({leaves_at + settings_.delay, std::move(packet)});
  held_bytes_ += size;
  return true;
}

std::optional<Time> LinkModel::next_departure() const {
  if (held_.empty()) return std::nullopt;
  return held_.front().arrives_at;
}

std::optional<LinkModel::Packet> LinkModel::pop(Time now) {
  if (held_.empty() || held_.front().arrives_at > now) return std::nullopt;
  Packet packet = std::move(held_.front().packet);
  held_.pop_front();
  held_bytes_ -= packet.size();
  ++counters_.packets_out;
  counters_.bytes_out += packet.size();
  return packet;
}

std::size_t LinkModel::queued_bytes(Time now) {
  for (; !queue_.empty() && queue_.front().leaves_at <= now; queue_.pop_front())
    queued_bytes_ -= queue_.front().size;
  return queued_bytes_;
}

}  // namespace turbo
