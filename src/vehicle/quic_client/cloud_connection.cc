#include "vehicle/quic_client/cloud_connection.h"

#include <algorithm>

namespace turbo {
namespace {

constexpr int kPumpRounds = 4;
constexpr double kRememberedBytes = 1e6;  // for the share of payload
constexpr double kLeastPayloadShare = 0.5, kUsualPayloadShare = 0.96;

std::shared_ptr<std::vector<std::uint8_t>> header_bytes(const FrameHeader& header, std::size_t payload = 0) {
  auto raw = std::make_shared<std::vector<std::uint8_t>>(kFrameHeaderBytes + payload);
  encode(header, std::span<std::uint8_t, kFrameHeaderBytes>(raw->data(), kFrameHeaderBytes));
  return raw;
}

std::uint32_t budget_us(Duration left) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(left).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, kNoBudget - 1));
}

std::vector<std::uint16_t> ids_of(const std::vector<Uplink::ServiceSettings>& services) {
  std::vector<std::uint16_t> ids;
  for (const auto& service : services) ids.push_back(service.service_id);
  return ids;
}

}  // namespace

CloudConnection::CloudConnection(EventLoop& loop, Settings settings, Owner& owner)
    : loop_(loop),
      settings_(std::move(settings)),
      owner_(owner),
      services_(settings_.services.size()),
      streams_(ids_of(settings_.services), settings_.max_answer_bytes),
      uplink_(settings_.uplink, settings_.services, EventLoop::now()),
      estimator_(settings_.estimator),
      probe_(settings_.probe),
      quic_(settings_.quic, *this, EventLoop::now()) {
  loop_.on_readable(quic_.fd(), [this](Time now) {
    quic_.on_readable(now);
    pump(now);
  });
  timer_ = loop_.timer([this](Time now) {
    quic_.on_timer(now);
    pump(now);
  });
  loop_.every(settings_.probe_interval, [this](Time now) {
    probe(now);
    watch_congestion(now);
  });
  arm(EventLoop::now());
}

CloudConnection::~CloudConnection() { quic_.close(EventLoop::now()); }

// ---- frames, to the cloud

void CloudConnection::send_frame(Time now, std::size_t index, std::uint64_t context_id,
                                 std::shared_ptr<const std::vector<std::uint8_t>> message, Time deadline) {
  const auto size = static_cast<std::int64_t>(kFrameHeaderBytes + message->size());
  uplink_.on_frame(now, index, {context_id, size, now, deadline, std::move(message)});
  pump(now);
}

void CloudConnection::set_allocation(Time now, std::size_t service, double guaranteed_bps, double limit_bps) {
  uplink_.set_allocation(now, service, guaranteed_bps, limit_bps);
  pump(now);
}

void CloudConnection::pump(Time now) {
  cancel_frames(now);
  for (int round = 0; round < kPumpRounds; ++round) {
    const bool started = start_frames(now);
    quic_.write(now);
    if (!started) break;
  }
  if (!uplink_.next_turn(now) && (!junk_stream_ || quic_.unsent_bytes(*junk_stream_) == 0))
    estimator_.on_app_limited(now);
  tell_ends();
  arm(now);
}

void CloudConnection::tell_ends() {
  while (const auto ended = uplink_.next_ended()) owner_.on_end(*ended);
}

void CloudConnection::cancel_frames(Time now) {
  const LinkView link = link_view(now);
  while (const auto cancelled = uplink_.next_cancel(now, link)) {
    Service& service = services_[cancelled->service];
    if (service.frame_stream) quic_.reset(*service.frame_stream);
    service.frame_stream.reset();
  }
}

bool CloudConnection::start_frames(Time now) {
  const LinkView link = link_view(now);
  bool any = false;
  while (quic_.can_open_stream()) {
    auto started = uplink_.next_start(now, link);
    if (!started) break;
    stop_junk();
    const auto stream = quic_.open_stream();
    if (!stream) break;
    Service& service = services_[started->service];
    service.frame_stream = stream;
    service.frame = {started->frame.context_id, started->frame.arrived, now, {}, started->frame.size_bytes};
    const auto& message = started->frame.message;
    quic_.send(*stream, header_bytes({FrameType::kRequest, settings_.services[started->service].service_id,
                                      started->frame.context_id, budget_us(started->budget),
                                      static_cast<std::uint32_t>(message->size())}));
    quic_.send(*stream, message, true);
    any = true;
  }
  return any;
}

std::optional<StreamTurn> CloudConnection::next_turn(ConnectionId, Time now) {
  if (const auto turn = uplink_.next_turn(now)) {
    const auto stream = services_[turn->service].frame_stream;
    if (stream) return StreamTurn{*stream, static_cast<std::uint64_t>(turn->max_bytes)};
  }
  if (!junk_stream_ || !uplink_.idle()) return std::nullopt;  // junk never takes a frame's place
  return StreamTurn{*junk_stream_, kMaxJunkBytes};
}

void CloudConnection::on_sent(ConnectionId, StreamId stream, std::uint64_t bytes, Time now) {
  payload_sent_ += static_cast<double>(bytes);
  if (stream == junk_stream_) {
    junk_bytes_ += bytes;
    return;
  }
  for (std::size_t i = 0; i < services_.size(); ++i) {
    Service& service = services_[i];
    if (service.frame_stream != stream) continue;
    service.traffic.sent_bytes += bytes;
    if (quic_.unsent_bytes(stream) == 0) {
      service.frame.at = now;
      service.sent[service.next_sent] = service.frame;
      service.next_sent = (service.next_sent + 1) % service.sent.size();
      service.frame_stream.reset();
    }
    return uplink_.on_sent(now, i, static_cast<std::int64_t>(bytes));
  }
}

void CloudConnection::arm(Time now) {
  const Time next = std::min(quic_.next_deadline(), uplink_.next_deadline(now));
  if (next == Time::max())
    loop_.disarm(timer_);
  else
    loop_.arm(timer_, next);
}

// ---- the link

void CloudConnection::on_flight(ConnectionId, const Flight& flight, Time now) {
  const QuicInfo info = quic_.info();
  if (flight.sent_bytes > 0) {
    estimator_.on_sent(now, static_cast<std::int64_t>(flight.sent_bytes));
    packets_sent_ += static_cast<double>(flight.sent_bytes);
    if (packets_sent_ > kRememberedBytes) {
      packets_sent_ /= 2;
      payload_sent_ /= 2;
    }
  }
  if (flight.lost_bytes > 0) estimator_.on_lost(now, static_cast<std::int64_t>(flight.lost_bytes));
  if (flight.acknowledged_bytes > 0) {
    estimator_.on_acked(now, static_cast<std::int64_t>(flight.acknowledged_bytes), info.latest_rtt);
    estimator_.on_window(now, static_cast<std::int64_t>(info.congestion_window_bytes), info.smoothed_rtt);
  }
  // The two must agree: bytes that never leave would make the link look as slow as one that stands still.
  if (info.bytes_in_flight == 0 && estimator_.outstanding_bytes() > 0)
    estimator_.on_lost(now, estimator_.outstanding_bytes());
}

double CloudConnection::payload_share() const {
  if (packets_sent_ < kRememberedBytes / 20) return kUsualPayloadShare;
  return std::clamp(payload_sent_ / packets_sent_, kLeastPayloadShare, 1.0);
}

LinkEstimate CloudConnection::estimate(Time now) const {
  LinkEstimate link = estimator_.report(now);
  const double share = payload_share();
  link.rate_bps *= share;
  link.low_bps *= share;
  link.high_bps *= share;
  return link;
}

LinkView CloudConnection::link_view(Time now) const {
  const LinkEstimate link = estimate(now);
  return {link.rate_bps, quic_.info().smoothed_rtt, link.low_bps, link.high_bps, link.min_rtt};
}

void CloudConnection::probe(Time now) {
  if (!connected()) return;
  const bool idle = uplink_.idle() && (!junk_stream_ || quic_.unacknowledged_bytes(*junk_stream_) == 0);
  const std::uint32_t size = probe_.due_bytes(now, estimator_.report(now), idle);
  if (size == 0) return;
  junk_stream_ = quic_.open_stream();
  if (!junk_stream_) return;
  quic_.send(*junk_stream_, header_bytes({FrameType::kJunk, kJunkServiceId, 0, kNoBudget, size}, size), true);
  pump(now);
}

// A congestion controller that has collapsed is started anew by a new path: a fresh port of ours.
void CloudConnection::watch_congestion(Time now) {
  if (!connected()) return;
  const QuicInfo info = quic_.info();
  if (watchdog_.check(now, static_cast<std::int64_t>(info.congestion_window_bytes), info.smoothed_rtt,
                      estimator_.report(now), uplink_.next_turn(now).has_value())) {
    quic_.rebind(now);
    pump(now);
  }
}

void CloudConnection::stop_junk() {
  if (junk_stream_) quic_.reset(*junk_stream_);
  junk_stream_.reset();
}

// ---- the connection

void CloudConnection::on_connected(ConnectionId, Time) {
  streams_.restart();
  for (std::size_t i = 0; i < services_.size(); ++i) {
    quic_.send(bidirectional_stream(i),
               header_bytes({FrameType::kHello, settings_.services[i].service_id, 0, kNoBudget, 0}));
  }
}

void CloudConnection::on_confirmed(ConnectionId, Time now) { owner_.on_connected(now); }

void CloudConnection::on_path_changed(ConnectionId, Time now) { estimator_.on_path_changed(now); }

void CloudConnection::on_disconnected(ConnectionId, std::string_view reason, Time now) {
  estimator_.on_path_changed(now);
  uplink_.on_disconnected(now);
  junk_stream_.reset();
  for (Service& service : services_) service.frame_stream.reset();
  owner_.on_disconnected(reason, now);
}

// ---- answers

std::string CloudConnection::on_stream_data(ConnectionId, StreamId stream, std::span<const std::uint8_t> data,
                                            bool end, Time now) {
  const std::size_t size = data.size();
  for (;;) {
    const auto event = streams_.feed(stream, data, end);
    if (event == CloudStreams::Event::kBreach) return streams_.breach();
    const std::size_t index = streams_.service();
    Service& service = services_[index];
    switch (event) {
      case CloudStreams::Event::kResponse:
        take_answer(service, index, now);
        break;
      case CloudStreams::Event::kDropped:
        ++service.traffic.dropped_by_cloud;
        tell_ends();  // "sent" before this
        if (const Sent* sent = find_sent(service, streams_.header().context_id))
          owner_.on_end(end_of(index, *sent, FrameEnd::kDroppedByCloud, now));
        break;
      case CloudStreams::Event::kRefusal:
        if (service.frame_stream) quic_.reset(*service.frame_stream);
        service.frame_stream.reset();
        uplink_.refuse(now, index);
        owner_.on_refused(index, now);
        break;
      default:
        service.traffic.received_bytes += size;
        return {};
    }
  }
}

const CloudConnection::Sent* CloudConnection::find_sent(const Service& service, std::uint64_t context_id) {
  const auto found = std::find_if(service.sent.begin(), service.sent.end(), [&](const Sent& sent) {
    return sent.context_id == context_id && sent.at != Time{};
  });
  return found == service.sent.end() ? nullptr : &*found;
}

EndedFrame CloudConnection::end_of(std::size_t index, const Sent& sent, FrameEnd end, Time now) {
  return {index, sent.context_id, end, now - sent.arrived, sent.bytes, sent.started - sent.arrived};
}

void CloudConnection::take_answer(Service& service, std::size_t index, Time now) {
  const std::uint64_t context_id = streams_.header().context_id;
  tell_ends();  // "sent" before "answered"
  std::optional<Duration> cloud;
  if (const Sent* sent = find_sent(service, context_id)) {
    cloud = std::max(Duration::zero(), now - sent->at - quic_.info().smoothed_rtt);
    owner_.on_end(end_of(index, *sent, FrameEnd::kAnswered, now));
  }
  owner_.on_answer(index, context_id, streams_.payload(), cloud, now);
}

}  // namespace turbo
