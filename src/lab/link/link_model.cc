#include "lab/link/link_model.h"

#include <algorithm>

namespace turbo {

LinkModel::LinkModel(const LinkSettings& settings, std::unique_ptr<Capacity> capacity,
                     std::unique_ptr<QueueDiscipline> discipline)
    : settings_(settings),
      capacity_(std::move(capacity)),
      discipline_(std::move(discipline)),
      jitter_(settings.jitter, settings.start, settings.seed),
      random_(settings.seed) {}

// Not a standard distribution: their results differ from library to library.
bool LinkModel::lose() {
  return settings_.loss > 0 && static_cast<double>(random_() >> 11) * 0x1p-53 < settings_.loss;
}

bool LinkModel::push(Time now, LinkPacket packet) {
  advance(now);
  ++counters_.packets_in;
  if (lose() || settings_.drops_during.covers(now)) {
    ++counters_.packets_lost;
    return false;
  }
  if (!discipline_->admits(packet.size, queued_bytes(now)) || held_bytes_ + packet.size > kMaxHeldBytes ||
      queue_.size() + under_way_.size() == kMaxHeldPackets) {
    ++counters_.packets_dropped;
    return false;
  }
  queue_.push({packet, now});
  queue_bytes_ += packet.size;
  held_bytes_ += packet.size;
  advance(now);
  return true;
}

// Lets out of the queue what began to leave by now. Late calls change nothing: every packet leaves at its own
// time, and what came after that time has not joined the queue yet.
void LinkModel::advance(Time now) {
  while (!queue_.empty()) {
    const Waiting head = queue_.front();
    const Time begins = capacity_->begins(head.pushed_at);
    if (begins > now) return;
    queue_.pop();
    queue_bytes_ -= head.packet.size;
    if (discipline_->drops_head(begins, begins - head.pushed_at, queue_bytes_)) {
      held_bytes_ -= head.packet.size;
      ++counters_.packets_dropped_at_head;
    } else {
      serve(head, begins);
    }
  }
}

void LinkModel::serve(const Waiting& waiting, Time begins) {
  const Time left_at = capacity_->serve(begins, waiting.packet.size);
  last_arrival_ = std::max(last_arrival_, left_at + settings_.delay + jitter_.at(left_at));
  under_way_.push({waiting.packet, waiting.pushed_at, left_at, last_arrival_});
  sending_bytes_ = waiting.packet.size;
  sending_until_ = left_at;
  const Duration sojourn = begins - waiting.pushed_at;
  ++sojourns_.packets;
  sojourns_.total += sojourn;
  sojourns_.longest = std::max(sojourns_.longest, sojourn);
}

std::optional<Time> LinkModel::next_departure() const {
  if (!under_way_.empty()) return under_way_.front().arrives_at;
  if (!queue_.empty()) return capacity_->begins(queue_.front().pushed_at) + settings_.delay;
  return std::nullopt;
}

std::optional<LinkDelivery> LinkModel::pop(Time now) {
  advance(now);
  if (under_way_.empty() || under_way_.front().arrives_at > now) return std::nullopt;
  const LinkDelivery delivery = under_way_.front();
  under_way_.pop();
  held_bytes_ -= delivery.packet.size;
  ++counters_.packets_out;
  counters_.bytes_out += delivery.packet.size;
  return delivery;
}

std::size_t LinkModel::queued_bytes(Time now) {
  advance(now);
  return queue_bytes_ + (sending(now) ? sending_bytes_ : 0);
}

std::size_t LinkModel::queued_packets(Time now) {
  advance(now);
  return queue_.size() + (sending(now) ? 1 : 0);
}

Duration LinkModel::queued_time(Time now) {
  advance(now);
  if (!queue_.empty()) return capacity_->would_leave(now, queue_bytes_) - now;
  return std::max(Duration{}, Duration(sending_until_ - now));
}

Sojourns LinkModel::take_sojourns() { return std::exchange(sojourns_, {}); }

}  // namespace turbo
