#pragma once
// What the recipes are made from: random processes in steps of 20 ms, and the trace of the rates that they
// give. Only operations that round the same everywhere are used, so that a seed gives the same trace on every
// machine.

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "lab/link/delivery_trace.h"

namespace turbo {

inline constexpr double kStepS = 0.02;  // how often a rate changes
inline constexpr int kStepMs = 20;

using Rates = std::vector<double>;  // Mbit/s, a value a step

std::size_t steps_of(double duration_s);
DeliveryTrace trace_of(const Rates& rates);

// The standard library's distributions differ from one to another; these do not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * uniform(); }
  double normal();  // near enough: twelve uniforms

 private:
  std::mt19937_64 engine_;
};

// A random walk pulled back to 0: variance 1, forgets within about `memory_s`.
class Wander {
 public:
  Wander(double memory_s, Random& random);
  double step();

 private:
  double keep_;
  Random& random_;
  double value_;
};

struct Quantile {
  double share, value;
};
// Replaces each value by the quantile of its rank, linearly between the table's entries (from share 0 to
// share 1): the order of the values is kept, their distribution becomes the table's.
void shape_by_rank(Rates& values, const std::vector<Quantile>& table);
double quantile(const std::vector<Quantile>& table, double share);

// Fading: every rate times 1 plus a quick wander of deviation `depth`, within 0.2 and 1.8.
void flutter(Rates& rates, double depth, Random& random);

// Times without any capacity, `every_s` apart on average, each `least_s` to `most_s` long.
void interrupt(Rates& rates, double every_s, double least_s, double most_s, Random& random);
void silence(Rates& rates, double from_s, double length_s);

}  // namespace turbo
