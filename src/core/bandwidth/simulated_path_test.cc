// The definitions of simulated_path.h (a test's source, so that no library carries it).
#include "core/bandwidth/simulated_path.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <utility>

namespace turbo {
namespace {
constexpr std::int64_t kPacket = 1250;
constexpr double kBurstSeconds = 0.001;  // of the pace, sent together
}  // namespace

SimulatedCapacity SimulatedCapacity::of(double duration_s, const std::function<double(double)>& bps) {
  SimulatedCapacity out;
  for (int ms = 0; ms < duration_s * 1000; ++ms)
    out.bits_.push_back(out.bits_.back() + bps(ms * 1e-3) * 1e-3);
  return out;
}

SimulatedCapacity SimulatedCapacity::read_trace(const std::string& path) {
  SimulatedCapacity out;
  std::ifstream file(path);
  for (std::size_t ms = 0; file >> ms;) {
    while (out.bits_.size() <= ms + 1) out.bits_.push_back(out.bits_.back());
    out.bits_.back() += 1500 * 8;
  }
  return out;
}

SimulatedCapacity SimulatedCapacity::fading(double duration_s, double mean_bps, double sigma,
                                            double constant_s, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  double x = normal(random);
  const double keep = std::exp(-1e-3 / constant_s);
  return of(duration_s, [&](double) {
    x = keep * x + std::sqrt(1 - keep * keep) * normal(random);
    return mean_bps * std::exp(sigma * x - sigma * sigma / 2);
  });
}

double SimulatedCapacity::bits_until(double t) const {
  if (t <= 0) return 0;
  const double rounds = std::floor(t / duration_s()), ms = (t - rounds * duration_s()) * 1e3;
  const auto whole = std::min(static_cast<std::size_t>(ms), bits_.size() - 2);
  return rounds * bits_.back() + bits_[whole] +
         (ms - static_cast<double>(whole)) * (bits_[whole + 1] - bits_[whole]);
}

double SimulatedCapacity::when(double bits) const {
  const double rounds = std::floor(bits / bits_.back()), rest = bits - rounds * bits_.back();
  const auto after = std::upper_bound(bits_.begin() + 1, bits_.end() - 1, rest);
  const double before = *(after - 1);
  const double ms =
      static_cast<double>(after - 1 - bits_.begin()) + (rest - before) / std::max(*after - before, 1e-9);
  return rounds * duration_s() + ms * 1e-3;
}

double SimulatedErrors::median_absolute() const {
  std::vector<double> sorted;
  for (const double error : relative) sorted.push_back(std::abs(error));
  std::sort(sorted.begin(), sorted.end());
  return sorted.empty() ? 0 : sorted[sorted.size() / 2];
}

double SimulatedErrors::quantile(double p) const {
  std::vector<double> sorted = relative;
  std::sort(sorted.begin(), sorted.end());
  return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(p * static_cast<double>(sorted.size() - 1))];
}

double SimulatedErrors::share_above(double error) const {
  const auto above = std::count_if(relative.begin(), relative.end(), [&](double e) { return e > error; });
  return relative.empty() ? 0 : static_cast<double>(above) / static_cast<double>(relative.size());
}

SimulatedPath::SimulatedPath(SimulatedCapacity capacity, SimulatedTraffic traffic,
                             SimulatedPathSettings settings, const DeliveryRateEstimator::Settings& estimator)
    : capacity_(std::move(capacity)),
      traffic_(traffic),
      settings_(settings),
      estimator_(estimator),
      random_(settings.seed) {
  queue_bits_limit_ = settings_.queue_s * capacity_.mean_bps(0, capacity_.duration_s());
}

SimulatedErrors SimulatedPath::run(double duration_s, const Check& check) {
  SimulatedErrors errors;
  for (int service = 0; service < traffic_.services; ++service)
    at(chance() / traffic_.frames_per_second, [this, service] { make_frame(service); });
  if (traffic_.probes) at(0.05, [this] { probe(); });
  std::function<void()> compare = [&] {
    const LinkEstimate estimate = estimator_.report(time());
    const double capacity_bps = capacity_.mean_bps(now_ - 0.5, now_);
    if (check) check(now_, estimate, capacity_bps);
    errors.relative.push_back((estimate.rate_bps - capacity_bps) / std::max(capacity_bps, 0.25e6));
    errors.covered += estimate.low_bps <= capacity_bps && capacity_bps <= estimate.high_bps;
    at(now_ + 0.02, compare);
  };
  at(2, compare);
  while (!events_.empty() && events_.top().at < duration_s) {
    const auto act = events_.top().act;
    now_ = events_.top().at;
    events_.pop();
    act();
  }
  return errors;
}

void SimulatedPath::make_frame(int service) {
  const double bytes = traffic_.least_bytes + chance() * (traffic_.most_bytes - traffic_.least_bytes);
  while (!frames_.empty() && frames_.back().junk) frames_.pop_back();  // junk gives way
  frames_.push_back({now_ + traffic_.give_up_s, bytes, false});
  at(now_ + (0.8 + 0.4 * chance()) / traffic_.frames_per_second, [this, service] { make_frame(service); });
  if (sender_asleep_) send();
}

void SimulatedPath::probe() {
  at(now_ + 0.02, [this] { probe(); });
  const bool idle = frames_.empty();
  const auto bytes = probe_policy_.due_bytes(time(), estimator_.report(time()), idle);
  if (bytes == 0) return;
  frames_.push_back({now_ + 10, 1.0 * bytes, true});
  if (sender_asleep_) send();
}

void SimulatedPath::send() {
  sender_asleep_ = false;
  double burst = std::max(2.0 * kPacket, pace_bps() / 8 * kBurstSeconds);
  double sent = 0;
  while (sent < burst) {
    while (!frames_.empty() && (frames_.front().due <= now_ || frames_.front().bytes < 1))
      frames_.pop_front();
    if (frames_.empty()) {
      app_limited_ = true;
      estimator_.on_app_limited(time());
      sender_asleep_ = true;
      return;
    }
    if (in_flight_bytes_ + kPacket > window_bytes()) {
      sender_asleep_ = true;  // until an acknowledgement
      break;
    }
    const auto bytes =
        static_cast<std::int64_t>(std::min(1.0 * kPacket, std::max(40.0, frames_.front().bytes)));
    frames_.front().bytes -= static_cast<double>(bytes);
    if (frames_.front().junk) junk_sent_ += static_cast<double>(bytes);
    send_packet(bytes);
    sent += static_cast<double>(bytes);
  }
  next_send_ = std::max(next_send_, now_) + sent * 8 / pace_bps();
  if (!sender_asleep_) at(next_send_, [this] { send(); });
}

void SimulatedPath::send_packet(std::int64_t bytes) {
  if (in_flight_.empty()) first_sent_ = delivered_at_ = now_;
  const std::uint64_t number = ++next_number_;
  in_flight_[number] = {now_,  delivered_at_, first_sent_, static_cast<std::int64_t>(delivered_),
                        bytes, app_limited_};
  app_limited_ = false;
  in_flight_bytes_ += bytes;
  sent_ += static_cast<double>(bytes);
  estimator_.on_sent(time(), bytes);
  if (in_flight_.size() == 1) watch_timeout();
  link_bits_ = std::max(link_bits_, capacity_.bits_until(now_));
  if (link_bits_ - capacity_.bits_until(now_) > queue_bits_limit_) return;  // dropped
  link_bits_ += static_cast<double>(bytes) * 8;
  if (chance() < settings_.loss) return;
  at(capacity_.when(link_bits_) + settings_.rtt_s / 2, [this, number, bytes] { receive(number, bytes); });
}

void SimulatedPath::receive(std::uint64_t number, std::int64_t bytes) {
  const bool gap = number != largest_received_ + 1;
  largest_received_ = std::max(largest_received_, number);
  unacked_[number] = bytes;
  if (unacked_.size() >= 2 || gap) return acknowledge();
  at(now_ + 0.025, [this, round = ack_round_] {
    if (round == ack_round_) acknowledge();
  });
}

void SimulatedPath::acknowledge() {
  ++ack_round_;
  double arrives = now_ + settings_.rtt_s / 2 + settings_.jitter_s * chance();
  if (settings_.ack_batch_s > 0) arrives = std::ceil(arrives / settings_.ack_batch_s) * settings_.ack_batch_s;
  last_ack_at_ = arrives = std::max(arrives, last_ack_at_);
  at(arrives, [this, packets = std::exchange(unacked_, {})] { take_ack(packets); });
}

void SimulatedPath::take_ack(const std::map<std::uint64_t, std::int64_t>& packets) {
  std::int64_t acked = 0, lost = 0;
  double rtt_s = 0;
  for (const auto& [number, bytes] : packets) {
    const auto found = in_flight_.find(number);
    if (found == in_flight_.end()) continue;
    const Packet packet = found->second;
    in_flight_.erase(found);
    acked += bytes;
    if (number > largest_acked_) rtt_s = now_ - packet.sent_at;
    largest_acked_ = std::max(largest_acked_, number);
    delivered_ += static_cast<double>(bytes);
    delivered_at_ = now_;
    on_delivered(packet, now_ - packet.sent_at);
  }
  while (!in_flight_.empty() && in_flight_.begin()->first + 3 <= largest_acked_) {
    lost += in_flight_.begin()->second.bytes;
    in_flight_.erase(in_flight_.begin());
  }
  in_flight_bytes_ -= acked + lost;
  if (acked > 0) {
    timeouts_ = 0;
    estimator_.on_acked(time(), acked, from_seconds(rtt_s));
    watch_timeout();
  }
  if (lost > 0) {
    estimator_.on_lost(time(), lost);
    frames_.push_front({now_ + traffic_.give_up_s, 1.0 * static_cast<double>(lost), false});
  }
  estimator_.on_window(time(), static_cast<std::int64_t>(window_bytes()), from_seconds(smoothed_rtt_));
  if (sender_asleep_) send();
}

void SimulatedPath::on_delivered(const Packet& packet, double rtt_s) {
  smallest_rtt_ = std::min(smallest_rtt_, rtt_s);
  smoothed_rtt_ = smoothed_rtt_ > 0 ? smoothed_rtt_ + (rtt_s - smoothed_rtt_) / 8 : rtt_s;
  first_sent_ = packet.sent_at;
  const double interval = std::max(packet.sent_at - packet.first_sent, delivered_at_ - packet.delivered_at);
  if (interval < smallest_rtt_ * 0.9) return;
  const double bps = (delivered_ - static_cast<double>(packet.delivered)) * 8 / interval;
  const double best = rates_.empty() ? 0 : rates_.front().second;
  if (packet.app_limited && bps < best) return;
  while (!rates_.empty() && rates_.back().second <= bps) rates_.pop_back();
  rates_.emplace_back(now_, bps);
  while (now_ - rates_.front().first > 10 * std::max(smoothed_rtt_, 0.05) && rates_.size() > 1)
    rates_.pop_front();
  if (now_ < round_end_ || packet.app_limited) return;
  round_end_ = now_ + smoothed_rtt_;
  flat_rounds_ = rates_.front().second < full_bps_ * 1.25 ? flat_rounds_ + 1 : 0;
  full_bps_ = std::max(full_bps_, flat_rounds_ == 0 ? rates_.front().second : full_bps_);
}

// A sender that hears nothing sends a packet beyond its window, later and later.
void SimulatedPath::watch_timeout() {
  const double wait = std::max(3 * smoothed_rtt_, 0.1) * (1 << std::min(timeouts_, 6));
  timeout_at_ = now_ + wait;
  at(timeout_at_, [this] {
    if (now_ < timeout_at_ || in_flight_.empty()) return;
    ++timeouts_;
    send_packet(kPacket);
    watch_timeout();
  });
}

double SimulatedPath::pace_bps() const {
  if (traffic_.paced_bps > 0 && now_ >= traffic_.paced_from_s) return traffic_.paced_bps;
  if (rates_.empty()) return 10.0 * kPacket * 8 / settings_.rtt_s * 2.77;
  double gain = 2.77;
  if (flat_rounds_ >= 3) {
    const int phase = static_cast<int>(now_ / smallest_rtt_) % 8;
    gain = phase == 0 ? 1.25 : phase == 1 ? 0.75 : 1;
  }
  return gain * rates_.front().second;
}

double SimulatedPath::window_bytes() const {
  if (traffic_.paced_bps > 0 && now_ >= traffic_.paced_from_s) return 1e9;
  if (rates_.empty()) return 10.0 * kPacket;
  return std::max(4.0 * kPacket,
                  (flat_rounds_ >= 3 ? 2.0 : 2.77) * rates_.front().second / 8 * smallest_rtt_);
}

}  // namespace turbo
