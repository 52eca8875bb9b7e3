#pragma once
// Random numbers as a function of their name: the same place of the same world always throws the same.

#include <cstdint>

namespace turbo::scene {

class Dice {
 public:
  explicit Dice(std::uint64_t seed, std::int64_t a = 0, std::int64_t b = 0, std::int64_t c = 0)
      : state_(mix(mix(mix(mix(seed) + std::uint64_t(a)) + std::uint64_t(b)) + std::uint64_t(c))) {}

  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
  double uniform() { return double(next() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  int below(int n) { return int(next() % std::uint64_t(n)); }
  bool chance(double p) { return uniform() < p; }

 private:
  static std::uint64_t mix(std::uint64_t x) {  // splitmix64
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }
  std::uint64_t state_;
};

}  // namespace turbo::scene
