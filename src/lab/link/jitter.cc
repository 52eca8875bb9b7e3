#include "lab/link/jitter.h"

namespace turbo {
namespace {

// SplitMix64's finaliser.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace

double Jitter::uniform(std::uint64_t slot, std::uint64_t draw) const {
  const auto bits = mixed(mixed(seed_ * 0x9e3779b97f4a7c15u + slot) + (draw + 1) * 0x9e3779b97f4a7c15u);
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

Duration Jitter::at(Time time) const {
  if (settings_.most <= Duration{}) return {};
  const auto slot = static_cast<std::uint64_t>((time - start_) / settings_.every);
  double share = uniform(slot, 0);
  if (settings_.shape == JitterShape::kNormal) {
    // A normal draw, near enough, is a sum of twelve; outside of three deviations (1 in 400) it is drawn
    // again.
    std::uint64_t draw = 0;
    do {
      double sum = -6;
      for (int i = 0; i < 12; ++i) sum += uniform(slot, draw++);
      share = 0.5 + sum / 6;
    } while (share < 0 || share > 1);
  }
  return from_seconds(seconds(settings_.most) * share);
}

}  // namespace turbo
