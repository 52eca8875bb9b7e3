#include "lab/simulate/send_side.h"

#include <algorithm>

namespace turbo::simulate {
namespace {

constexpr std::int64_t kReorderingPackets = 3;
constexpr Duration kGranularity = std::chrono::milliseconds(1);
constexpr int kMaxTimeouts = 10;  // doublings of the probe timeout
constexpr int kProbes = 2;
constexpr int kPersistentTimeouts = 3;
constexpr std::size_t kRememberedResets = 256;  // more than can be in flight
constexpr std::int64_t kLeastPartBytes = 64;    // less room is not worth another stream's part

}  // namespace

SendSide::SendSide(const Settings& settings, Time now, SendOwner& owner)
    : settings_(settings), owner_(owner), rate_(now), last_eliciting_(now), paced_until_(now) {
  restart_path(now);
}

void SendSide::restart_path(Time now) {
  bbr_.emplace(now, settings_.packet_bytes, settings_.seed, rate_);
  min_rtt_ = Duration::max();
  smoothed_rtt_ = Duration::zero();
  update_rtt(std::max(settings_.handshake_rtt, kGranularity), Duration::zero());
  timeouts_ = 0;
  paced_until_ = now;
}

StreamId SendSide::open_stream(std::int64_t bytes) {
  streams_.push_back({next_stream_, static_cast<std::uint32_t>(bytes)});
  return next_stream_++;
}

void SendSide::reset_stream(StreamId stream) {
  std::erase_if(streams_, [stream](const Stream& s) { return s.id == stream; });
  std::erase_if(again_, [stream](const StreamPart& part) { return part.stream == stream; });
  resets_.push_back(stream);
  if (resets_.size() > kRememberedResets) resets_.pop_front();
  again_.push_back({.stream = stream, .reset = true});
}

std::int64_t SendSide::unsent_bytes(StreamId stream) const {
  for (const Stream& s : streams_)
    if (s.id == stream) return s.bytes - s.sent;
  return 0;
}

bool SendSide::holds(StreamId stream) const {
  const auto of_stream = [stream](const auto& part) { return part.stream == stream; };
  if (unsent_bytes(stream) > 0 || std::any_of(again_.begin(), again_.end(), of_stream)) return true;
  return std::any_of(sent_.begin(), sent_.end(), [&](const Sent& sent) {
    return sent.fate == Fate::kInFlight &&
           std::any_of(sent.parts.begin(), sent.parts.begin() + sent.part_count, of_stream);
  });
}

void SendSide::begin_burst() {
  burst_ = 0;
  next_send_ = Time::max();
}

bool SendSide::may_send(Time now) const {
  if (probes_ > 0) return true;
  return now >= paced_until_ && burst_ < bbr_->send_quantum() && in_flight_ < bbr_->cwnd_bytes();
}

bool SendSide::fill(Time now, Packet& packet, bool ack_due) {
  packet.part_count = 0;
  packet.number = base_number_ + static_cast<std::int64_t>(sent_.size());
  std::int64_t room = settings_.packet_bytes - Packet::kOverheadBytes;
  if (packet.range_count > 0) room -= Packet::kAckBytes + Packet::kRangeBytes * packet.range_count;
  const std::int64_t whole_room = room;
  packet.ack_eliciting = false;
  if (may_send(now)) {
    if (probes_ > 0) queue_probe();
    fill_again(packet, room);
    fill_new(now, packet, room);
    packet.ack_eliciting = packet.part_count > 0 || probes_ > 0;
    if (!packet.ack_eliciting) rate_.on_app_limited(in_flight_);
  } else if (in_flight_ >= bbr_->cwnd_bytes()) {
    bbr_->on_cwnd_limited();
  } else {
    next_send_ = std::max(now, paced_until_);  // settled by end_burst when this burst was the reason
  }
  if (!packet.ack_eliciting && !ack_due) return false;
  packet.bytes = settings_.packet_bytes - room;
  if (room == whole_room) packet.bytes = std::max<std::int64_t>(packet.bytes, Packet::kOverheadBytes + 1);
  record(now, packet);
  return true;
}

void SendSide::fill_again(Packet& packet, std::int64_t& room) {
  while (!again_.empty() && packet.part_count < Packet::kMaxParts && room > Packet::kPartBytes) {
    StreamPart& part = again_.front();
    room -= Packet::kPartBytes;
    StreamPart now_sent = part;
    now_sent.bytes = static_cast<std::uint32_t>(std::min<std::int64_t>(part.bytes, room));
    now_sent.fin = part.fin && now_sent.bytes == part.bytes;
    room -= now_sent.bytes;
    packet.parts[packet.part_count++] = now_sent;
    if (now_sent.bytes < part.bytes) {
      part.offset += now_sent.bytes;
      part.bytes -= now_sent.bytes;
    } else {
      again_.pop_front();
    }
  }
}

void SendSide::fill_new(Time now, Packet& packet, std::int64_t& room) {
  while (packet.part_count < Packet::kMaxParts && room >= kLeastPartBytes) {
    const auto turn = owner_.next_turn(now);
    if (!turn) return;
    const auto stream =
        std::find_if(streams_.begin(), streams_.end(), [&](const Stream& s) { return s.id == turn->stream; });
    if (stream == streams_.end()) return;
    room -= Packet::kPartBytes;
    const std::int64_t bytes = std::min<std::int64_t>({stream->bytes - stream->sent, turn->max_bytes, room});
    if (bytes <= 0) return;
    StreamPart& part = packet.parts[packet.part_count++];
    part = {stream->id, stream->sent, static_cast<std::uint32_t>(bytes), false, false};
    stream->sent += part.bytes;
    part.fin = stream->sent == stream->bytes;
    room -= bytes;
    if (part.fin) streams_.erase(stream);
    owner_.on_stream_sent(now, part.stream, bytes);
  }
}

void SendSide::record(Time now, const Packet& packet) {
  Sent& sent = sent_.emplace_back();
  sent.at = now;
  if (!packet.ack_eliciting) {
    sent.fate = Fate::kAcked;  // nobody waits for it
    return forget_settled();
  }
  sent.bytes = packet.bytes;
  sent.part_count = packet.part_count;
  sent.parts = packet.parts;
  sent.stamp = rate_.on_sent(now, packet.bytes, in_flight_);
  in_flight_ += packet.bytes;
  burst_ += packet.bytes;
  last_eliciting_ = now;
  if (probes_ > 0) --probes_;
  owner_.on_packets_sent(now, packet.bytes);
}

void SendSide::end_burst(Time now) {
  if (burst_ > 0) {
    paced_until_ = now + from_seconds(static_cast<double>(burst_) / bbr_->pacing_bytes_per_s());
    arm();
  }
  if (next_send_ != Time::max()) next_send_ = paced_until_;
}

void SendSide::on_ack(Time now, const Packet& packet) {
  RateSample rtt;
  const std::int64_t acked = acknowledge(now, packet, rtt);
  const std::int64_t lost = detect_losses(now);
  if (acked + lost == 0) return;
  RateSample sample = rate_.take(min_rtt_);
  sample.rtt = rtt.rtt;
  bbr_->on_acked(now, sample, in_flight_);
  if (acked > 0) {
    timeouts_ = probes_ = 0;
    owner_.on_packets_acked(now, acked, latest_rtt_);
  }
  if (lost > 0) owner_.on_packets_lost(now, lost);
  forget_settled();
  arm();
}

std::int64_t SendSide::acknowledge(Time now, const Packet& packet, RateSample& rtt) {
  const std::int64_t end = base_number_ + static_cast<std::int64_t>(sent_.size());
  std::int64_t acked = 0;
  for (std::size_t i = 0; i < packet.range_count; ++i) {
    const AckRange& range = packet.ranges[i];
    if (range.last < base_number_) break;
    for (std::int64_t n = std::min(range.last, end - 1); n >= std::max(range.first, base_number_); --n) {
      Sent& sent = sent_[static_cast<std::size_t>(n - base_number_)];
      if (sent.fate != Fate::kInFlight) continue;
      sent.fate = Fate::kAcked;
      in_flight_ -= sent.bytes;
      acked += sent.bytes;
      rate_.on_acked(now, sent.bytes, sent.at, sent.stamp);
      if (n <= largest_acked_) continue;
      largest_acked_ = n;
      if (n != packet.ranges[0].last) continue;
      rtt.rtt = now - sent.at;
      update_rtt(rtt.rtt, packet.ack_delay);
    }
  }
  return acked;
}

void SendSide::update_rtt(Duration latest, Duration ack_delay) {
  latest_rtt_ = latest;
  const bool first = smoothed_rtt_ == Duration::zero();
  min_rtt_ = std::min(min_rtt_, latest);
  ack_delay = std::min(ack_delay, settings_.max_ack_delay);
  const Duration adjusted = latest >= min_rtt_ + ack_delay ? latest - ack_delay : latest;
  if (first) {
    smoothed_rtt_ = adjusted;
    rtt_variation_ = adjusted / 2;
    return;
  }
  const Duration off = smoothed_rtt_ > adjusted ? smoothed_rtt_ - adjusted : adjusted - smoothed_rtt_;
  rtt_variation_ = (3 * rtt_variation_ + off) / 4;
  smoothed_rtt_ = (7 * smoothed_rtt_ + adjusted) / 8;
}

std::int64_t SendSide::detect_losses(Time now) {
  loss_time_ = Time::max();
  const Duration wait = std::max(std::max(latest_rtt_, smoothed_rtt_) * 9 / 8, kGranularity);
  std::int64_t bytes = 0;
  Time first_at{}, last_at{};
  for (std::int64_t n = base_number_; n < largest_acked_; ++n) {
    Sent& sent = sent_[static_cast<std::size_t>(n - base_number_)];
    if (sent.fate != Fate::kInFlight) continue;
    if (n > largest_acked_ - kReorderingPackets && sent.at + wait > now) {
      loss_time_ = sent.at + wait;
      break;
    }
    if (bytes == 0) first_at = sent.at;
    last_at = sent.at;
    bytes += sent.bytes;
    sent.fate = Fate::kLost;
    in_flight_ -= sent.bytes;
    rate_.on_lost(sent.bytes);
    bbr_->on_lost(now, sent.bytes, sent.at, sent.stamp);
    if (!sent.queued_again) queue_again(sent);
  }
  if (bytes > 0 && last_at - first_at > kPersistentTimeouts * probe_timeout())
    bbr_->on_persistent_congestion(in_flight_);
  return bytes;
}

void SendSide::queue_again(const Sent& sent) {
  for (std::size_t i = 0; i < sent.part_count; ++i) {
    const StreamPart& part = sent.parts[i];
    if (part.reset || !was_reset(part.stream)) again_.push_back(part);
  }
}

// A probe carries again what has waited longest for its acknowledgement.
void SendSide::queue_probe() {
  if (!again_.empty()) return;
  for (Sent& sent : sent_) {
    if (sent.fate != Fate::kInFlight || sent.queued_again) continue;
    sent.queued_again = true;
    return queue_again(sent);
  }
}

bool SendSide::was_reset(StreamId stream) const {
  return std::find(resets_.rbegin(), resets_.rend(), stream) != resets_.rend();
}

void SendSide::forget_settled() {
  for (; !sent_.empty() && sent_.front().fate != Fate::kInFlight; sent_.pop_front()) ++base_number_;
}

void SendSide::on_timer(Time now) {
  if (now < loss_timer_) return;
  if (loss_time_ != Time::max()) {
    if (const std::int64_t lost = detect_losses(now); lost > 0) owner_.on_packets_lost(now, lost);
    forget_settled();
  } else {
    timeouts_ = std::min(timeouts_ + 1, kMaxTimeouts);
    probes_ = kProbes;
    last_eliciting_ = now;
  }
  arm();
}

void SendSide::arm() {
  if (loss_time_ != Time::max())
    loss_timer_ = loss_time_;
  else if (in_flight_ > 0)
    loss_timer_ = last_eliciting_ + probe_timeout() * (1 << timeouts_);
  else
    loss_timer_ = Time::max();
}

Duration SendSide::probe_timeout() const {
  return smoothed_rtt_ + std::max(4 * rtt_variation_, kGranularity) + settings_.max_ack_delay;
}

}  // namespace turbo::simulate
