#include "core/bandwidth/probe_policy.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

constexpr double kProbeSeconds = 0.02;   // of the estimated rate
constexpr double kLeastBytes = 12'000;   // fewer packets measure nothing
constexpr double kStartBytes = 250'000;  // for a path that was never measured
constexpr double kLeastRateBps = 10e6;   // that the share is taken of
constexpr double kChange = 0.1;          // of the rate
constexpr int kMostDoublings = 5;

}  // namespace

std::uint32_t ProbePolicy::due_bytes(Time now, const LinkEstimate& link, bool idle) {
  if (!settings_.enabled || settings_.max_bytes <= 0) return 0;
  earn(now, link);
  if (in_vain_ > 0 && has_changed(link)) in_vain_ = 0;
  if (!link.app_limited || !idle) return 0;
  const double wanted = wanted_bytes(now, link);
  const bool larger = wanted > last_bytes_ && last_was_no_match(now, link);
  const int doublings = std::clamp(in_vain_ - 1, 0, kMostDoublings);
  if (probes_ > 0 && now - last_probe_ < (larger ? link.min_rtt : settings_.quiet * (1 << doublings)))
    return 0;
  // A train that is to be a match waits until its size is saved up.
  if (budget_bytes_ < wanted) return 0;
  in_vain_ = larger ? 0 : in_vain_ + 1;
  before_ = link;
  last_probe_ = now;
  last_bytes_ = wanted;
  budget_bytes_ -= wanted;
  ++probes_;
  bytes_ += static_cast<std::uint64_t>(wanted);
  return static_cast<std::uint32_t>(wanted);
}

bool ProbePolicy::has_changed(const LinkEstimate& link) const {
  const auto differs = [](double a, double b) { return std::abs(a - b) > kChange * std::max(a, b); };
  return differs(link.rate_bps, before_.rate_bps) || differs(link.high_bps, before_.high_bps) ||
         differs(link.low_bps, before_.low_bps) ||
         (link.min_rtt == Duration::zero()) != (before_.min_rtt == Duration::zero());
}

// Nothing that the link limited was measured since.
bool ProbePolicy::last_was_no_match(Time now, const LinkEstimate& link) const {
  return probes_ > 0 && link.age > now - last_probe_;
}

double ProbePolicy::wanted_bytes(Time now, const LinkEstimate& link) const {
  const double usual = link.rate_bps / 8 * (kProbeSeconds + seconds(link.min_rtt));
  const double wanted = last_was_no_match(now, link) ? std::max(usual, 2 * last_bytes_) : usual;
  return std::floor(std::min(std::max(wanted, kLeastBytes), static_cast<double>(settings_.max_bytes)));
}

void ProbePolicy::earn(Time now, const LinkEstimate& link) {
  const bool unknown = link.age == Duration::max();
  if (unknown && !unknown_path_) budget_bytes_ = kStartBytes;
  unknown_path_ = unknown;
  if (started_ && now > earned_at_)
    budget_bytes_ +=
        settings_.max_share * std::max(link.rate_bps, kLeastRateBps) / 8 * seconds(now - earned_at_);
  started_ = true;
  earned_at_ = std::max(earned_at_, now);
  budget_bytes_ = std::min(budget_bytes_, std::max(kStartBytes, static_cast<double>(settings_.max_bytes)));
}

}  // namespace turbo
