#include "core/bandwidth/probe_policy.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

constexpr double kProbeSeconds = 0.02;        // of the estimated rate
constexpr std::int64_t kLeastBytes = 12'000;  // fewer packets measure nothing
constexpr double kChange = 0.1;               // of the rate
constexpr int kMostDoublings = 5;

}  // namespace

std::uint32_t ProbePolicy::due_bytes(Time now, const LinkEstimate& link, bool idle) {
  if (!settings_.enabled || settings_.max_bytes <= 0) return 0;
  earn(now, link);
  if (in_vain_ > 0 && has_changed(link)) in_vain_ = 0;
  if (!link.app_limited || !idle) return 0;
  const int doublings = std::clamp(in_vain_ - 1, 0, kMostDoublings);
  if (probes_ > 0 && now - last_probe_ < settings_.quiet * (1 << doublings)) return 0;
  const double wanted =
      std::clamp(link.rate_bps / 8 * (kProbeSeconds + seconds(link.min_rtt)), 1.0 * kLeastBytes, 1e9);
  const auto size = std::min(static_cast<std::int64_t>(std::min(wanted, budget_bytes_)), settings_.max_bytes);
  if (size < std::min(kLeastBytes, settings_.max_bytes)) return 0;
  ++in_vain_;
  before_ = link;
  last_probe_ = now;
  budget_bytes_ -= static_cast<double>(size);
  ++probes_;
  bytes_ += static_cast<std::uint64_t>(size);
  return static_cast<std::uint32_t>(size);
}

bool ProbePolicy::has_changed(const LinkEstimate& link) const {
  const auto differs = [](double a, double b) { return std::abs(a - b) > kChange * std::max(a, b); };
  return differs(link.rate_bps, before_.rate_bps) || differs(link.high_bps, before_.high_bps) ||
         differs(link.low_bps, before_.low_bps) ||
         (link.min_rtt == Duration::zero()) != (before_.min_rtt == Duration::zero());
}

void ProbePolicy::earn(Time now, const LinkEstimate& link) {
  // A first probe is due at once; later ones can save up for one of the largest size.
  if (!started_)
    budget_bytes_ = 1.0 * kLeastBytes;
  else if (now > earned_at_)
    budget_bytes_ += settings_.max_share * link.rate_bps / 8 * seconds(now - earned_at_);
  started_ = true;
  earned_at_ = std::max(earned_at_, now);
  const double most =
      std::max(link.rate_bps / 8 * (kProbeSeconds + seconds(link.min_rtt)), 1.0 * kLeastBytes);
  budget_bytes_ = std::min({budget_bytes_, most, 1.0 * static_cast<double>(settings_.max_bytes)});
}

}  // namespace turbo
