#pragma once
// Delay that varies: a new draw every few milliseconds, as a radio's grants and repetitions do it, so that
// packets close together share it. A pure function of time and seed: traffic does not change it.

#include <cstdint>

#include "core/time.h"

namespace turbo {

enum class JitterShape {
  kUniform,  // over 0 to `most`
  kNormal,   // mean most / 2, deviation most / 6, within 0 to `most`
};

struct JitterSettings {
  Duration most{};
  JitterShape shape = JitterShape::kUniform;
  Duration every = std::chrono::milliseconds(10);  // over 0
};

class Jitter {
 public:
  Jitter(const JitterSettings& settings, Time start, std::uint64_t seed)
      : settings_(settings), start_(start), seed_(seed) {}
  Duration at(Time time) const;  // 0 to `most`

 private:
  double uniform(std::uint64_t slot, std::uint64_t draw) const;
  JitterSettings settings_;
  Time start_;
  std::uint64_t seed_;
};

}  // namespace turbo
