#pragma once
// Values by chance, the same with every library (the standard's distributions differ from one to the next).

#include <cmath>
#include <numbers>

#include "scene/dice.h"

namespace turbo::simulate {

// Log-normal with the given mean; spread: standard deviation of the logarithm, 0: always the mean.
inline double log_normal(scene::Dice& dice, double mean, double spread) {
  if (spread <= 0) return mean;
  const double radius = std::sqrt(-2 * std::log(1 - dice.uniform()));
  const double normal = radius * std::cos(2 * std::numbers::pi * dice.uniform());
  return mean * std::exp(spread * normal - spread * spread / 2);
}

}  // namespace turbo::simulate
