#include "core/planning/measured_factor.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

constexpr double kMostRatio = 20;
constexpr double kGain = 0.5;         // the quantiles that come are smooth already
constexpr double kCommonShare = 0.8;  // of what is new
constexpr double kDeadBand = 0.05;    // of the logarithm
constexpr double kForgetOwnSeconds = 20, kForgetCommonSeconds = 30;

}  // namespace

MeasuredFactor::MeasuredFactor(std::vector<bool> shares) {
  for (const bool share : shares) kinds_.push_back({.shares = share});
}

void MeasuredFactor::observe(std::size_t kind, double ratio) {
  if (!(ratio > 0) || !std::isfinite(ratio)) return;
  Kind& at = kinds_[kind];
  const double now = std::log(std::clamp(ratio, 1 / kMostRatio, kMostRatio));
  const double common_share = at.shares ? kCommonShare : 0;
  const double off = now - at.own - (at.shares ? common_ : 0);
  common_ += kGain * common_share * off;
  at.own += kGain * (1 - common_share) * off;
  at.measured = true;
  measured_ |= at.shares;
}

void MeasuredFactor::settle(Duration since_last) {
  const double passed_s = std::max(0.0, seconds(since_last));
  if (!measured_) common_ *= std::exp(-passed_s / kForgetCommonSeconds);
  for (Kind& kind : kinds_) {
    if (!kind.measured) kind.own *= std::exp(-passed_s / kForgetOwnSeconds);
    kind.measured = false;
    const double now = kind.own + (kind.shares ? common_ : 0);
    if (std::abs(now - std::log(kind.told)) > kDeadBand) kind.told = std::exp(now);
  }
  measured_ = false;
}

}  // namespace turbo
