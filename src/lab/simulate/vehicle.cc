#include "lab/simulate/vehicle.h"

#include <algorithm>

#include "core/framing/frame.h"

namespace turbo::simulate {
namespace {

using std::chrono::milliseconds;
constexpr Duration kProbeInterval = milliseconds(100);  // how often a probe is thought of
constexpr Duration kCheckInterval = milliseconds(100);  // of the path
constexpr Duration kLookInterval = milliseconds(1);
constexpr double kRememberedBytes = 1e6;  // for the share of payload
constexpr double kLeastPayloadShare = 0.5, kUsualPayloadShare = 0.96;
// Of the vehicle's QUIC client: when a silent server counts as gone, how soon it tries again, and how the
// first packet of a handshake is repeated.
constexpr Duration kSilenceTimeout = std::chrono::seconds(2), kFirstHello = milliseconds(100);
constexpr Duration kFirstHelloInterval = milliseconds(150), kLongestHelloInterval = std::chrono::seconds(1);
constexpr Duration kProbeQuiet = milliseconds(500);
constexpr std::int64_t kMaxProbeBytes = 625'000;

Uplink make_uplink(const Scenario& scenario, Time now) {
  std::vector<Uplink::ServiceSettings> services;
  for (std::size_t i = 0; i < scenario.cameras.size(); ++i)
    services.push_back({.service_id = static_cast<std::uint16_t>(i + 1),
                        .rate_bps = scenario.initial_mbps * 1e6,
                        .queue_slo = scenario.queue_slo});
  return Uplink({.share_leftover = scenario.share_leftover,
                 .cancel = scenario.cancel,
                 .newest_first = scenario.freshness},
                services, now);
}

DeliveryRateEstimator make_estimator(const Scenario& scenario) {
  using Formula = DeliveryRateEstimator::Formula;
  return DeliveryRateEstimator(
      {.initial_bps = scenario.initial_mbps * 1e6 * static_cast<double>(scenario.cameras.size()),
       .formula = scenario.window_formula ? Formula::kWindowOverRtt : Formula::kDeliveryRate});
}

}  // namespace

Vehicle::Vehicle(const Scenario& scenario, const SendSide::Settings& quic, Time now, PacketPool& pool,
                 Direction& up, Wire& wire, AllocationPolicy& policy, Records& records)
    : scenario_(scenario),
      wire_(wire),
      policy_(policy),
      records_(records),
      uplink_(make_uplink(scenario, now)),
      estimator_(make_estimator(scenario)),
      probe_({.enabled = scenario.probe, .quiet = kProbeQuiet, .max_bytes = kMaxProbeBytes}),
      plans_(scenario.cameras.size()),
      meters_(scenario.cameras.size()),
      flights_(scenario.cameras.size()),
      next_allocation_(now),
      next_check_(now),
      next_probe_(now + kProbeInterval),
      next_deadline_(now),
      life_(now),
      end_(quic, now, *this, *this, pool, up) {}

void Vehicle::on_frame(Time now, std::size_t frame) {
  FrameRecord& record = records_.frames[frame];
  record.entered = now;
  meters_[record.service].on_frame(frame, record.config, record.bytes, record.deadline);
  uplink_.on_frame(
      now, record.service,
      {.context_id = frame, .size_bytes = record.bytes, .arrived = now, .deadline = record.deadline});
  pump(now);
}

void Vehicle::on_packets(Time now, Direction& from) {
  while (const auto packet = from.pop(now)) {
    std::uint32_t connection = 0;
    const bool handshake = end_.on_packet(now, *packet, connection);
    if (!handshake || connected_ || connection != end_.connection()) continue;
    connected_ = true;
    next_hello_ = kNever;
    next_allocation_ = now;
  }
  pump(now);
}

void Vehicle::on_timer(Time now) {
  if (connected_) end_.on_timer(now);
  if (now >= silent_at()) disconnect(now);
  if (now >= next_hello_) say_hello(now);
  if (now >= next_allocation_) allocate(now);
  if (now >= next_check_) check_path(now);
  if (now >= next_probe_) probe(now);
  pump(now);
}

// After every event, as Uplink's header asks for.
void Vehicle::pump(Time now) {
  look(now);
  while (const auto cancelled = uplink_.next_cancel(now, view_)) {
    auto& stream = flights_[cancelled->service];
    if (stream) end_.send().reset_stream(*stream);
    stream.reset();
    records_.frames[cancelled->context_id].cancelled = true;
  }
  if (connected_) {
    start_frames(now);
    end_.write(now);
    if (!uplink_.next_turn(now) && (!junk_ || end_.send().unsent_bytes(*junk_) == 0))
      estimator_.on_app_limited(now);
  }
  meter_ends();
  next_deadline_ = std::min({connected_ ? end_.next_deadline() : next_hello_, silent_at(), next_allocation_,
                             next_check_, next_probe_});
  // Without a connection nothing is started; what has waited too long can go at the next event.
  if (connected_) next_deadline_ = std::min(next_deadline_, uplink_.next_deadline(now));
}

Time Vehicle::silent_at() const {
  return connected_ && end_.send().in_flight() > 0 ? life_ + kSilenceTimeout : kNever;
}

void Vehicle::disconnect(Time now) {
  connected_ = false;
  ++records_.disconnections;
  end_.begin_connection(now, end_.connection() + 1);
  estimator_.on_path_changed(now);
  uplink_.on_disconnected(now);
  for (ServiceMeter& meter : meters_) meter.on_disconnected();
  junk_.reset();
  for (auto& stream : flights_) stream.reset();
  next_hello_ = now + kFirstHello;
  hello_interval_ = kFirstHelloInterval;
  next_allocation_ = now;
}

void Vehicle::say_hello(Time now) {
  end_.send_handshake(now, PacketKind::kHello, end_.connection());
  next_hello_ = now + hello_interval_;
  hello_interval_ = std::min(2 * hello_interval_, kLongestHelloInterval);
}

// Not for every packet: the estimate costs more than all the rest, and says the same.
void Vehicle::look(Time now) {
  if (now < looked_at_ + kLookInterval) return;
  looked_at_ = now;
  const LinkEstimate link = estimate(now);
  view_ = {link.rate_bps, end_.send().smoothed_rtt(), link.low_bps, link.high_bps, link.min_rtt};
}

double Vehicle::payload_share() const {
  if (packets_sent_ < kRememberedBytes / 20) return kUsualPayloadShare;
  return std::clamp(payload_sent_ / packets_sent_, kLeastPayloadShare, 1.0);
}

LinkEstimate Vehicle::estimate(Time now) const {
  LinkEstimate link = estimator_.report(now);
  const double share = payload_share();
  link.rate_bps *= share;
  link.low_bps *= share;
  link.high_bps *= share;
  return link;
}

void Vehicle::start_frames(Time now) {
  startable_ = false;
  while (auto started = uplink_.next_start(now, view_)) {
    const std::size_t frame = started->frame.context_id;
    if (junk_) end_.send().reset_stream(*junk_);
    junk_.reset();
    const StreamId stream = end_.send().open_stream(started->frame.size_bytes);
    flights_[started->service] = stream;
    wire_.up.add(stream, {.frame = frame, .service = started->service, .budget = started->budget});
    records_.frames[frame].started = now;
    records_.frames[frame].guaranteed_bps = uplink_.guaranteed_bps(started->service);
  }
}

std::optional<SendOwner::Turn> Vehicle::next_turn(Time now) {
  if (startable_) start_frames(now);
  if (const auto turn = uplink_.next_turn(now)) return Turn{*flights_[turn->service], turn->max_bytes};
  if (!junk_ || !uplink_.idle()) return std::nullopt;
  return Turn{*junk_, end_.send().unsent_bytes(*junk_)};
}

void Vehicle::on_stream_sent(Time now, StreamId stream, std::int64_t bytes) {
  payload_sent_ += static_cast<double>(bytes);
  if (junk_ == stream) {
    records_.junk_bytes += static_cast<std::uint64_t>(bytes);
    return;
  }
  const UpContent& content = wire_.up.of(stream);
  FrameRecord& record = records_.frames[content.frame];
  record.bytes_sent += bytes;
  uplink_.on_sent(now, content.service, bytes);
  if (record.bytes_sent < record.bytes) return;
  record.left = now;
  flights_[content.service].reset();
  startable_ = true;
}

void Vehicle::on_packets_sent(Time now, std::int64_t bytes) {
  if (end_.send().in_flight() == bytes) life_ = now;  // nothing else was waited for
  records_.sent_bytes += static_cast<std::uint64_t>(bytes);
  packets_sent_ += static_cast<double>(bytes);
  if (packets_sent_ > kRememberedBytes) {
    packets_sent_ /= 2;
    payload_sent_ /= 2;
  }
  estimator_.on_sent(now, bytes);
}

void Vehicle::on_packets_acked(Time now, std::int64_t bytes, Duration latest_rtt) {
  life_ = now;
  estimator_.on_acked(now, bytes, latest_rtt);
  estimator_.on_window(now, end_.send().cwnd_bytes(), end_.send().smoothed_rtt());
}

void Vehicle::on_packets_lost(Time now, std::int64_t bytes) { estimator_.on_lost(now, bytes); }

void Vehicle::on_stream_complete(Time now, StreamId stream) {
  const DownContent& content = wire_.down.of(stream);
  FrameRecord& record = records_.frames[content.frame];
  ServiceMeter& meter = meters_[record.service];
  if (content.dropped) {
    record.dropped = true;
    meter.on_end(content.frame, FrameEnd::kDroppedByCloud, connected_);
    return;
  }
  record.answered = now;
  std::optional<Duration> cloud;
  if (record.left != kNever) cloud = now - record.left - end_.send().smoothed_rtt();
  meter.on_answer(now, content.frame, record.served - record.received, cloud);
  if (const auto expected = meter.cloud_s().quantile(0.5))
    uplink_.set_server_time(record.service, from_seconds(*expected));
}

void Vehicle::meter_ends() {
  while (const auto ended = uplink_.next_ended())
    meters_[ended->service].on_end(ended->context_id, ended->end, connected_);
}

void Vehicle::allocate(Time now) {
  next_allocation_ = now + policy_.interval();
  policy_.decide(now, {estimate(now), connected_, meters_}, plans_);
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    uplink_.set_allocation(now, i, plans_[i].guaranteed_bps, plans_[i].limit_bps);
    meters_[i].on_choice(plans_[i].config, plans_[i].config);
  }
}

void Vehicle::check_path(Time now) {
  next_check_ = now + kCheckInterval;
  SendSide& send = end_.send();
  if (!connected_ ||
      !watchdog_.check(now, send.cwnd_bytes(), send.smoothed_rtt(), estimate(now), !uplink_.idle()))
    return;
  send.restart_path(now);
  estimator_.on_path_changed(now);
}

void Vehicle::probe(Time now) {
  next_probe_ += kProbeInterval;
  const bool idle = connected_ && uplink_.idle() && (!junk_ || !end_.send().holds(*junk_));
  const std::uint32_t bytes = probe_.due_bytes(now, estimator_.report(now), idle);
  if (bytes == 0) return;
  junk_ = end_.send().open_stream(static_cast<std::int64_t>(kFrameHeaderBytes) + bytes);
  wire_.up.add(*junk_, {});
}

bool Vehicle::waiting(std::size_t service) const {
  const UplinkCounts& counts = uplink_.counts(service);
  return counts.pushed >
         counts.displaced + counts.expired + counts.hopeless + counts.dropped + counts.started;
}

double Vehicle::window_bps() const {
  const SendSide& send = end_.send();
  return static_cast<double>(send.cwnd_bytes()) * 8 / seconds(send.smoothed_rtt());
}

void Vehicle::finish() {
  for (std::size_t i = 0; i < plans_.size(); ++i) records_.services.push_back(uplink_.counts(i));
  records_.collapses = watchdog_.verdicts();
}

}  // namespace turbo::simulate
