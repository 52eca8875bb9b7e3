#include "lab/traces/random_rates.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace turbo {

std::size_t steps_of(double duration_s) { return static_cast<std::size_t>(std::ceil(duration_s / kStepS)); }

DeliveryTrace trace_of(const Rates& rates) {
  DeliveryTrace trace;
  double credit_bits = 0;
  std::uint32_t ms = 0;
  for (const double rate_mbps : rates) {
    for (int i = 0; i < kStepMs; ++i) {
      ++ms;
      for (credit_bits += rate_mbps * 1e3; credit_bits >= kOpportunityBytes * 8;
           credit_bits -= kOpportunityBytes * 8)
        trace.opportunities_ms.push_back(ms);
    }
  }
  // The last line is where the trace starts over: without it a blackout at the end would be cut off.
  if (trace.opportunities_ms.empty() || trace.period_ms() != ms) trace.opportunities_ms.push_back(ms);
  return trace;
}

double Random::normal() {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += uniform();
  return sum;
}

Wander::Wander(double memory_s, Random& random)
    : keep_(1 - kStepS / memory_s), random_(random), value_(random.normal()) {}

double Wander::step() { return value_ = keep_ * value_ + std::sqrt(1 - keep_ * keep_) * random_.normal(); }

double quantile(const std::vector<Quantile>& table, double share) {
  const auto above = std::find_if(table.begin() + 1, table.end() - 1,
                                  [share](const Quantile& q) { return q.share >= share; });
  const Quantile &low = *(above - 1), &high = *above;
  return low.value + (high.value - low.value) * (share - low.share) / (high.share - low.share);
}

void shape_by_rank(Rates& values, const std::vector<Quantile>& table) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&values](std::size_t a, std::size_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
  for (std::size_t rank = 0; rank < order.size(); ++rank)
    values[order[rank]] =
        quantile(table, (static_cast<double>(rank) + 0.5) / static_cast<double>(order.size()));
}

void flutter(Rates& rates, double depth, Random& random) {
  Wander fading(0.1, random);
  for (double& rate : rates) rate *= std::clamp(1 + depth * fading.step(), 0.2, 1.8);
}

void interrupt(Rates& rates, double every_s, double least_s, double most_s, Random& random) {
  for (std::size_t i = 0; i < rates.size(); ++i)
    if (random.uniform() < kStepS / every_s)
      silence(rates, static_cast<double>(i) * kStepS, random.between(least_s, most_s));
}

void silence(Rates& rates, double from_s, double length_s) {
  const auto from = static_cast<std::size_t>(from_s / kStepS);
  const auto to = std::min(rates.size(), from + steps_of(length_s));
  for (std::size_t i = from; i < to; ++i) rates[i] = 0;
}

}  // namespace turbo
