#include "core/scheduling/fair_scheduler.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

constexpr double kCreditSeconds = 0.2;  // of the guaranteed rate: how long a blocked link is made up for
constexpr double kIdleCreditSeconds = 0.01;
constexpr double kMinWeight = 1e-3;
constexpr double kMinRateBps = 1000;

double positive(double value) { return std::isnan(value) || value < 0 ? 0 : value; }

// At least a packet, so that nobody is told to send crumbs.
std::int64_t least_turn(std::int64_t backlog) { return std::min(backlog, TokenBucket::kPacketBytes); }

double depth_bytes(double rate_bps, double depth_seconds) {
  return rate_bps > 0 ? std::max(rate_bps / 8 * depth_seconds, 1.0 * TokenBucket::kPacketBytes) : 0;
}

}  // namespace

FairScheduler::FairScheduler(Time now, const std::vector<Share>& shares) {
  services_.reserve(shares.size());
  for (const Share& share : shares) {
    services_.push_back({.share = {}, .limit = TokenBucket(now, 0), .updated = now});
    set_share(now, services_.size() - 1, share);
  }
}

void FairScheduler::set_share(Time now, std::size_t index, const Share& share) {
  Service& service = services_[index];
  settle(service, now);
  const bool was_limited = std::isfinite(service.share.limit_bps);
  service.share = {positive(share.guaranteed_bps), positive(share.limit_bps),
                   std::max(positive(share.weight), kMinWeight)};
  if (!std::isfinite(service.share.limit_bps)) return;
  if (was_limited)
    service.limit.set_rate(now, service.share.limit_bps);
  else
    service.limit = TokenBucket(now, service.share.limit_bps);
}

void FairScheduler::set_backlog(Time now, std::size_t index, std::int64_t bytes) {
  Service& service = services_[index];
  settle(service, now);
  if (service.backlog == 0 && bytes > 0) {
    service.guaranteed_tag = std::max(service.guaranteed_tag, guaranteed_time_);
    service.leftover_tag = std::max(service.leftover_tag, leftover_time_);
  }
  service.backlog = std::max<std::int64_t>(bytes, 0);
}

std::optional<FairScheduler::Turn> FairScheduler::next_turn(Time now) const {
  std::optional<Turn> turn;
  double smallest_tag = 0;  // of those with credit as soon as there is one
  bool guaranteed = false;
  for (std::size_t i = 0; i < services_.size(); ++i) {
    const Service& service = services_[i];
    if (!may_send(service, now)) continue;
    std::int64_t most = std::min(service.backlog, kTurnBytes);
    if (std::isfinite(service.share.limit_bps)) most = std::min(most, service.limit.available(now));
    const double credit_bytes = credit(service, now);
    if (credit_bytes + 0.5 >= static_cast<double>(least_turn(service.backlog))) {
      if (guaranteed && service.guaranteed_tag >= smallest_tag) continue;
      guaranteed = true;
      smallest_tag = service.guaranteed_tag;
      turn = Turn{
          i, std::min(most, std::max(static_cast<std::int64_t>(credit_bytes), least_turn(service.backlog)))};
    } else if (!guaranteed && (!turn || service.leftover_tag < smallest_tag)) {
      smallest_tag = service.leftover_tag;
      turn = Turn{i, most};
    }
  }
  return turn;
}

void FairScheduler::on_sent(Time now, std::size_t index, std::int64_t bytes) {
  Service& service = services_[index];
  bytes = std::clamp<std::int64_t>(bytes, 0, service.backlog);
  settle(service, now);
  if (std::isfinite(service.share.limit_bps)) service.limit.take(now, bytes);
  const double from_credit = std::min(service.credit_bytes, static_cast<double>(bytes));
  service.credit_bytes -= from_credit;
  if (from_credit >= 1) {
    guaranteed_time_ = std::max(guaranteed_time_, service.guaranteed_tag);
    service.guaranteed_tag += from_credit / service.share.guaranteed_bps;
  }
  if (const double leftover = static_cast<double>(bytes) - from_credit; leftover >= 1) {
    leftover_time_ = std::max(leftover_time_, service.leftover_tag);
    service.leftover_tag += leftover / service.share.weight;
  }
  service.backlog -= bytes;
}

Time FairScheduler::next_deadline(Time now) const {
  Time earliest = Time::max();
  for (const Service& service : services_) {
    if (service.backlog == 0 || !std::isfinite(service.share.limit_bps)) continue;
    const Duration wait = service.limit.time_until(now, least_turn(service.backlog));
    if (wait > Duration::zero() && wait != Duration::max()) earliest = std::min(earliest, now + wait);
  }
  return earliest;
}

Duration FairScheduler::time_to_send(Time now, std::size_t index, std::int64_t bytes, double link_bps,
                                     bool best) const {
  const Service& service = services_[index];
  const double bits = 8.0 * static_cast<double>(bytes);
  link_bps = std::max(positive(link_bps), kMinRateBps);
  double guaranteed = service.share.guaranteed_bps, weights = service.share.weight, others_bits = 0;
  for (std::size_t i = 0; i < services_.size(); ++i) {
    if (i == index || services_[i].backlog == 0 || best) continue;
    guaranteed += services_[i].share.guaranteed_bps;
    weights += services_[i].share.weight;
    others_bits += 8.0 * static_cast<double>(services_[i].backlog);
  }
  const double share_bps =
      guaranteed > link_bps
          ? link_bps * service.share.guaranteed_bps / guaranteed
          : service.share.guaranteed_bps + (link_bps - guaranteed) * service.share.weight / weights;
  // Later than at its share all the way it is not done, nor later than when everybody is done.
  double wait_s = std::min(bits / std::max(share_bps, kMinRateBps), (bits + others_bits) / link_bps);
  if (std::isfinite(service.share.limit_bps)) {
    const double burst_bits = 8.0 * static_cast<double>(service.limit.available(now));
    wait_s = std::max(wait_s, (bits - burst_bits) / std::max(service.share.limit_bps, kMinRateBps));
  }
  return from_seconds(std::min(wait_s, 3600.0));
}

double FairScheduler::credit(const Service& service, Time now) const {
  const double rate_bps = service.share.guaranteed_bps;
  const double depth = depth_bytes(rate_bps, service.backlog > 0 ? kCreditSeconds : kIdleCreditSeconds);
  const double earned = now > service.updated ? rate_bps / 8 * seconds(now - service.updated) : 0;
  return std::min(service.credit_bytes + earned, depth);
}

void FairScheduler::settle(Service& service, Time now) {
  service.credit_bytes = credit(service, now);
  service.updated = std::max(service.updated, now);
}

bool FairScheduler::may_send(const Service& service, Time now) const {
  if (service.backlog == 0) return false;
  return !std::isfinite(service.share.limit_bps) ||
         service.limit.available(now) >= least_turn(service.backlog);
}

}  // namespace turbo
