#include "core/uplink/uplink.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace turbo {
namespace {

constexpr Duration kTrialInterval = std::chrono::milliseconds(250);
constexpr Duration kServiceTrialInterval = std::chrono::seconds(1);
constexpr double kOptimismPerSecond = 0.6;
constexpr double kBetter = 0.5;  // a frame that was started by optimism was sent in time
constexpr double kWorse = 0.3;   // such a frame was not
constexpr double kDoubt = 0.1;   // another frame was not
constexpr double kMostDoubt = 0.3;
constexpr Duration kToSpare = std::chrono::milliseconds(5);
constexpr double kSlower = 0.75;  // of the estimate: the link that a frame should still be in time on

std::vector<FairScheduler::Share> shares(const std::vector<Uplink::ServiceSettings>& services) {
  std::vector<FairScheduler::Share> out;
  for (const auto& service : services) out.push_back({.weight = service.weight});
  return out;
}

}  // namespace

const char* name_of(FrameEnd end) {
  switch (end) {
    case FrameEnd::kSent:
      return "sent";
    case FrameEnd::kDisplaced:
      return "displaced";
    case FrameEnd::kExpired:
      return "expired";
    case FrameEnd::kHopeless:
      return "hopeless";
    case FrameEnd::kRefused:
      return "refused";
    case FrameEnd::kCancelled:
      return "cancelled";
    case FrameEnd::kCancelledForFresher:
      return "cancelled_for_fresher";
    case FrameEnd::kAnswered:
      return "answered";
    case FrameEnd::kDroppedByCloud:
      return "dropped_by_cloud";
    case FrameEnd::kAbandoned:
      break;
  }
  return "abandoned";
}

Uplink::Uplink(const Settings& settings, const std::vector<ServiceSettings>& services, Time now)
    : settings_(settings), scheduler_(now, shares(services)), optimism_at_(now), last_under_way_(now) {
  services_.reserve(services.size());
  for (std::size_t i = 0; i < services.size(); ++i) {
    services_.push_back({.settings = services[i], .last_under_way = now});
    services_[i].waiting.reserve(kMaxWaiting);
    set_allocation(now, i, services[i].rate_bps);
  }
}

void Uplink::set_allocation(Time now, std::size_t index, double guaranteed_bps, double limit_bps) {
  Service& service = services_[index];
  service.guaranteed_bps = guaranteed_bps;
  service.limit_bps = settings_.share_leftover ? limit_bps : std::min(limit_bps, guaranteed_bps);
  if (!service.flight || service.limit_bps > 0) apply_share(now, index);
}

void Uplink::set_server_time(std::size_t service, Duration expected) {
  services_[service].server_time = std::max(expected, Duration::zero());
}

void Uplink::on_frame(Time now, std::size_t index, UplinkFrame frame) {
  Service& service = services_[index];
  ++service.counts.pushed;
  if (service.refused) return note_end(now, index, frame, FrameEnd::kRefused);
  if (now >= frame.deadline || frame.size_bytes <= 0) return note_end(now, index, frame, FrameEnd::kExpired);
  if (settings_.newest_first && !service.waiting.empty())
    drop_waiting(now, index, 0, FrameEnd::kDisplaced);
  else if (service.waiting.size() >= kMaxWaiting)
    return note_end(now, index, frame, FrameEnd::kDisplaced);
  service.waiting.push_back({std::move(frame)});
}

void Uplink::refuse(Time now, std::size_t index) {
  Service& service = services_[index];
  service.refused = true;
  while (!service.waiting.empty()) {
    service.waiting.front().hopeless = false;
    drop_waiting(now, index, 0, FrameEnd::kRefused);
  }
  if (service.flight) end_flight(now, index, FrameEnd::kAbandoned);
}

void Uplink::on_disconnected(Time now) {
  for (std::size_t i = 0; i < services_.size(); ++i) {
    services_[i].refused = false;
    for (Waiting& waiting : services_[i].waiting) waiting.hopeless = false;  // nobody asks for a start now
    if (services_[i].flight) end_flight(now, i, FrameEnd::kAbandoned);
  }
}

std::optional<Uplink::Cancelled> Uplink::next_cancel(Time now, const LinkView& link) {
  link_ = link;
  expire(now);
  if (!settings_.cancel) return std::nullopt;
  for (std::size_t i = 0; i < services_.size(); ++i) {
    const auto& flight = services_[i].flight;
    if (!flight) continue;
    const std::int64_t left = flight->size_bytes - flight->sent_bytes;
    const bool hopeless = flight->trial
                              ? now >= flight->deadline
                              : prospect(now, i, left, flight->deadline, link) == Prospect::kHopeless;
    if (hopeless) return cancel(now, i, false);
    if (fresher_is_worth_more(now, i, link)) return cancel(now, i, true);
  }
  return std::nullopt;
}

std::optional<Uplink::Started> Uplink::next_start(Time now, const LinkView& link) {
  link_ = link;
  expire(now);
  for (std::size_t i = 0; i < services_.size(); ++i) {
    Service& service = services_[i];
    if (service.flight || service.waiting.empty() || service.closed()) continue;
    Waiting& waiting = service.waiting.front();
    const auto in_time = [&](double with_optimism) {
      return feasible(now, i, waiting.frame.size_bytes, waiting.frame.deadline,
                      conditions(link, with_optimism));
    };
    waiting.hopeless = !in_time(optimism(now));
    if (waiting.hopeless && settings_.newest_first && now < trial_due_at(service)) continue;
    const bool borderline = !waiting.hopeless && !in_time(0);
    UplinkFrame frame = std::move(waiting.frame);
    service.flight = Flight{.context_id = frame.context_id,
                            .size_bytes = frame.size_bytes,
                            .arrived = frame.arrived,
                            .started = now,
                            .deadline = frame.deadline,
                            .trial = waiting.hopeless,
                            .borderline = borderline,
                            .protected_from_fresher = std::exchange(service.gave_way, false)};
    service.waiting.erase(service.waiting.begin());
    ++service.counts.started;
    apply_share(now, i);
    scheduler_.set_backlog(now, i, frame.size_bytes);
    const Duration budget = frame.deadline - now;
    return Started{i, std::move(frame), budget};
  }
  return std::nullopt;
}

void Uplink::on_sent(Time now, std::size_t index, std::int64_t bytes) {
  Service& service = services_[index];
  if (!service.flight || bytes <= 0) return;
  scheduler_.on_sent(now, index, bytes);
  service.flight->sent_bytes = service.flight->size_bytes - scheduler_.backlog(index);
  if (scheduler_.backlog(index) > 0) return;
  learn(now, *service.flight, now + link_.rtt + service.server_time + kToSpare <= service.flight->deadline);
  end_flight(now, index, FrameEnd::kSent);
}

Time Uplink::next_deadline(Time now) const {
  Time earliest = scheduler_.next_deadline(now);
  for (const Service& service : services_) {
    for (const Waiting& waiting : service.waiting)
      earliest = std::min(earliest, expires_at(service, waiting));
    if (service.flight && settings_.cancel)
      earliest = std::min(earliest, std::max(now, give_up_at(service, *service.flight)));
    if (!service.flight && !service.closed() && !service.waiting.empty() && service.waiting.front().hopeless)
      earliest = std::min(earliest, std::max(now, trial_due_at(service)));
  }
  return earliest;
}

bool Uplink::idle() const {
  return std::none_of(services_.begin(), services_.end(),
                      [](const Service& service) { return service.flight || !service.waiting.empty(); });
}

Uplink::Prospect Uplink::prospect(Time now, std::size_t index, std::int64_t bytes, Time deadline,
                                  const LinkView& link) const {
  if (!feasible(now, index, bytes, deadline, conditions(link, 1))) return Prospect::kHopeless;
  const Conditions low = conditions(link, -1);
  const Duration left = deadline - now - services_[index].server_time - low.rtt;
  return scheduler_.time_to_send(now, index, bytes, low.rate_bps, false) <= left ? Prospect::kSafe
                                                                                 : Prospect::kAtRisk;
}

bool Uplink::feasible(Time now, std::size_t index, std::int64_t bytes, Time deadline,
                      const Conditions& link) const {
  const Duration left = deadline - now - services_[index].server_time - link.rtt;
  return left > Duration::zero() && scheduler_.time_to_send(now, index, bytes, link.rate_bps, true) < left;
}

Uplink::Conditions Uplink::conditions(const LinkView& link, double optimism) {
  const double rate_bps = std::max(link.rate_bps, 1000.0);
  const double high_bps = std::max(link.high_bps > 0 ? link.high_bps : rate_bps / kSlower, rate_bps);
  const double low_bps = std::clamp(link.low_bps > 0 ? link.low_bps : rate_bps * kSlower, 1000.0, rate_bps);
  if (optimism <= 0) return {rate_bps * std::pow(low_bps / rate_bps, -optimism), link.rtt};
  const Duration least = link.min_rtt > Duration::zero() ? std::min(link.min_rtt, link.rtt) : link.rtt;
  return {rate_bps * std::pow(high_bps / rate_bps, optimism),
          link.rtt - from_seconds(optimism * seconds(link.rtt - least))};
}

double Uplink::optimism(Time now) const {
  return std::min(1.0, optimism_ + kOptimismPerSecond * seconds(now - optimism_at_));
}

void Uplink::learn(Time now, const Flight& flight, bool in_time) {
  if (in_time && !flight.borderline) return;
  optimism_ = std::clamp(optimism(now) + (in_time             ? kBetter
                                          : flight.borderline ? -kWorse
                                                              : -kDoubt),
                         -kMostDoubt, 1.0);
  optimism_at_ = now;
}

bool Uplink::fresher_is_worth_more(Time now, std::size_t index, const LinkView& link) const {
  const Service& service = services_[index];
  if (service.waiting.empty() || service.flight->protected_from_fresher || service.closed()) return false;
  const UplinkFrame& fresher = service.waiting.back().frame;
  const std::int64_t left = service.flight->size_bytes - service.flight->sent_bytes;
  return 2 * left > fresher.size_bytes && fresher.deadline > service.flight->deadline &&
         prospect(now, index, left, service.flight->deadline, link) == Prospect::kAtRisk &&
         prospect(now, index, fresher.size_bytes, fresher.deadline, link) == Prospect::kSafe;
}

Uplink::Cancelled Uplink::cancel(Time now, std::size_t index, bool for_fresher) {
  Service& service = services_[index];
  const Cancelled cancelled{index, service.flight->context_id, service.flight->sent_bytes, for_fresher};
  if (!for_fresher) learn(now, *service.flight, false);
  service.counts.cancelled_bytes += static_cast<std::uint64_t>(cancelled.sent_bytes);
  service.gave_way = for_fresher;
  end_flight(now, index, for_fresher ? FrameEnd::kCancelledForFresher : FrameEnd::kCancelled);
  return cancelled;
}

void Uplink::end_flight(Time now, std::size_t index, FrameEnd end) {
  const Flight& flight = *services_[index].flight;
  tell_end({index, flight.context_id, end, now - flight.arrived, flight.sent_bytes,
            flight.started - flight.arrived});
  services_[index].flight.reset();
  services_[index].last_under_way = last_under_way_ = now;
  scheduler_.set_backlog(now, index, 0);
  apply_share(now, index);
}

void Uplink::apply_share(Time now, std::size_t index) {
  const Service& service = services_[index];
  scheduler_.set_share(now, index, {service.guaranteed_bps, service.limit_bps, service.settings.weight});
}

void Uplink::drop_waiting(Time now, std::size_t index, std::size_t position, FrameEnd end) {
  std::vector<Waiting>& all = services_[index].waiting;
  const auto waiting = all.begin() + static_cast<std::ptrdiff_t>(position);
  note_end(now, index, waiting->frame, waiting->hopeless ? FrameEnd::kHopeless : end);
  all.erase(waiting);
}

void Uplink::note_end(Time now, std::size_t index, const UplinkFrame& frame, FrameEnd end) {
  tell_end({index, frame.context_id, end, now - frame.arrived, 0});
}

void Uplink::tell_end(const EndedFrame& ended) {
  UplinkCounts& counts = services_[ended.service].counts;
  switch (ended.end) {
    case FrameEnd::kSent:
      ++counts.finished;
      break;
    case FrameEnd::kDisplaced:
      ++counts.displaced;
      break;
    case FrameEnd::kExpired:
      ++counts.expired;
      break;
    case FrameEnd::kHopeless:
      ++counts.hopeless;
      break;
    case FrameEnd::kRefused:
      ++counts.dropped;
      break;
    case FrameEnd::kCancelledForFresher:
      ++counts.cancelled_for_fresher;
      [[fallthrough]];
    case FrameEnd::kCancelled:
      ++counts.cancelled;
      break;
    case FrameEnd::kAbandoned:
      ++counts.abandoned;
      break;
    case FrameEnd::kAnswered:
    case FrameEnd::kDroppedByCloud:
      break;  // after kSent, not told here
  }
  if (ended_.size() < kMaxEnded) ended_.push_back(ended);
}

std::optional<EndedFrame> Uplink::next_ended() {
  if (ended_.empty()) return std::nullopt;
  const EndedFrame ended = ended_.front();
  ended_.pop_front();
  return ended;
}

void Uplink::expire(Time now) {
  for (std::size_t index = 0; index < services_.size(); ++index)
    for (std::size_t i = services_[index].waiting.size(); i-- > 0;)
      if (now >= expires_at(services_[index], services_[index].waiting[i]))
        drop_waiting(now, index, i, FrameEnd::kExpired);
}

bool Uplink::any_in_flight() const {
  return std::any_of(services_.begin(), services_.end(),
                     [](const Service& service) { return service.flight.has_value(); });
}

// The link alone may be misjudged, or what is believed of this service.
Time Uplink::trial_due_at(const Service& service) const {
  const Time of_service = service.last_under_way + kServiceTrialInterval;
  return any_in_flight() ? of_service : std::min(of_service, last_under_way_ + kTrialInterval);
}

// When, without any progress, the frame becomes hopeless.
Time Uplink::give_up_at(const Service& service, const Flight& flight) const {
  if (flight.trial) return flight.deadline;
  const Conditions best = conditions(link_, 1);
  const double left_bits = 8.0 * static_cast<double>(flight.size_bytes - flight.sent_bytes);
  return flight.deadline - best.rtt - service.server_time - from_seconds(left_bits / best.rate_bps) +
         Duration(1);
}

Time Uplink::expires_at(const Service& service, const Waiting& waiting) const {
  return std::min(waiting.frame.deadline, waiting.frame.arrived + service.settings.queue_slo);
}

}  // namespace turbo
