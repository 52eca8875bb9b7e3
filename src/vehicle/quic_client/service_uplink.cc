#include "vehicle/quic_client/service_uplink.h"

#include <algorithm>

namespace turbo {
namespace {

constexpr Duration kTokenStep = std::chrono::milliseconds(1);  // how much of the rate is worth waking up for

std::uint32_t budget_us(Duration left) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(left).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, kNoBudget - 1));
}

}  // namespace

ServiceUplink::ServiceUplink(const Settings& settings, Time now)
    : settings_(settings), wanted_bps_(settings.rate_bps), bucket_(now, settings.rate_bps) {}

void ServiceUplink::set_rate(Time now, double rate_bps) {
  wanted_bps_ = rate_bps;
  if (rate_bps > 0 || !queue_.in_flight()) bucket_.set_rate(now, rate_bps);
}

void ServiceUplink::on_frame(Time now, std::uint64_t context_id, Bytes message) {
  queue_.push(now, {context_id, now, std::move(message)}, now + settings_.queue_slo);
}

void ServiceUplink::finish(Time now) {
  queue_.finished();
  bucket_.set_rate(now, wanted_bps_);
}

std::optional<ServiceUplink::Outgoing> ServiceUplink::next(Time now, bool drained) {
  if (queue_.in_flight() && drained) finish(now);
  // A closed service keeps its frame waiting: a decision may open it while the frame is still fresh.
  queue_.expire(now);
  if (queue_.in_flight() || bucket_.rate_bps() <= 0) return std::nullopt;
  auto frame = queue_.pop(now);
  if (!frame) return std::nullopt;
  const FrameHeader header{FrameType::kRequest, settings_.service_id, frame->context_id,
                           budget_us(frame->arrived + settings_.request_slo - now),
                           static_cast<std::uint32_t>(frame->message->size())};
  auto raw = std::make_shared<std::vector<std::uint8_t>>(kFrameHeaderBytes);
  encode(header, std::span<std::uint8_t, kFrameHeaderBytes>(raw->data(), kFrameHeaderBytes));
  return Outgoing{std::move(raw), std::move(frame->message)};
}

void ServiceUplink::on_sent(Time now, std::uint64_t bytes) {
  bucket_.take(now, static_cast<std::int64_t>(bytes));
}

void ServiceUplink::on_disconnected(Time now) {
  if (queue_.in_flight()) finish(now);
}

Time ServiceUplink::next_deadline(Time now, std::uint64_t unsent_bytes) const {
  Time earliest = Time::max();
  if (queue_.waiting()) earliest = *queue_.next_deadline();
  if (unsent_bytes > 0 && bucket_.rate_bps() > 0) {
    const double step = std::max(bucket_.rate_bps() / 8 * seconds(kTokenStep),
                                 static_cast<double>(TokenBucket::kPacketBytes));
    const auto wanted = std::min<std::uint64_t>(unsent_bytes, static_cast<std::uint64_t>(step));
    const Duration wait = bucket_.time_until(now, static_cast<std::int64_t>(wanted));
    // With tokens in hand it is congestion or flow control that holds the stream, and the transport knows
    // when.
    if (wait > Duration::zero()) earliest = std::min(earliest, now + wait);
  }
  return earliest;
}

}  // namespace turbo
