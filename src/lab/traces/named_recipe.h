#pragma once
// Recipes with a name, after kinds of links that vehicles have. Synthetic: processes of ours, whose
// parameters follow published statistics; no recording is in them.

#include <cstdint>
#include <string>
#include <vector>

#include "lab/traces/random_rates.h"

namespace turbo {

struct NamedRecipe {
  const char* name;
  const char* text;  // what it is like, and what that follows; several lines
  double rtt_ms;     // that goes well with it
  Rates (*rates)(std::size_t steps, Random& random);
};

const std::vector<NamedRecipe>& named_recipes();

// The same arguments give the same trace. Every rate is multiplied by `scale`. Throws LinkConfigError.
DeliveryTrace make_named_trace(const std::string& name, std::uint64_t seed, double duration_s,
                               double scale = 1);

}  // namespace turbo
