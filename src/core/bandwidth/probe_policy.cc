#include "core/bandwidth/probe_policy.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

constexpr double kProbeSeconds = 0.02;        // of the estimated rate
constexpr std::int64_t kLeastBytes = 12'000;  // fewer packets measure nothing
constexpr double kLeastRateBps = 10e6;        // that the share is taken of
constexpr double kChange = 0.1;               // of the rate
constexpr int kMostDoublings = 5;

}  // namespace

std::uint32_t ProbePolicy::due_bytes(Time now, const LinkEstimate& link, bool idle) {
  if (!settings_.enabled || settings_.max_bytes <= 0) return 0;
  earn(now, link);
  if (in_vain_ > 0 && has_changed(link)) in_vain_ = 0;
  if (!link.app_limited || !idle) return 0;
  const int doublings = std::clamp(in_vain_ - 1, 0, kMostDoublings);
  const Duration pause = outgrew_the_last(link) ? link.min_rtt : settings_.quiet * (1 << doublings);
  if (probes_ > 0 && now - last_probe_ < pause) return 0;
  const auto size = static_cast<std::int64_t>(
      std::min({wanted_bytes(link), budget_bytes_, static_cast<double>(settings_.max_bytes)}));
  if (size < std::min(kLeastBytes, settings_.max_bytes)) return 0;
  ++in_vain_;
  before_ = link;
  last_probe_ = now;
  last_bytes_ = static_cast<std::uint32_t>(size);
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

// The last probe raised the rate, and that is still only a lower bound.
bool ProbePolicy::outgrew_the_last(const LinkEstimate& link) const {
  return probes_ > 0 && link.rate_bps > (1 + kChange) * before_.rate_bps;
}

double ProbePolicy::wanted_bytes(const LinkEstimate& link) const {
  const double usual = link.rate_bps / 8 * (kProbeSeconds + seconds(link.min_rtt));
  return std::clamp(outgrew_the_last(link) ? std::max(usual, 2.0 * last_bytes_) : usual, 1.0 * kLeastBytes,
                    1e9);
}

void ProbePolicy::earn(Time now, const LinkEstimate& link) {
  // A first probe is due at once; later ones can save up for one of the largest size.
  if (!started_)
    budget_bytes_ = 1.0 * kLeastBytes;
  else if (now > earned_at_)
    budget_bytes_ +=
        settings_.max_share * std::max(link.rate_bps, kLeastRateBps) / 8 * seconds(now - earned_at_);
  started_ = true;
  earned_at_ = std::max(earned_at_, now);
  budget_bytes_ =
      std::min({budget_bytes_, wanted_bytes(link), 1.0 * static_cast<double>(settings_.max_bytes)});
}

}  // namespace turbo
