#pragma once
// The recipe with options, "mobile", which the demo uses: an LTE-like uplink whose rate wanders slowly (the
// cell's load, the distance), flutters quickly (fading), dips for a second now and then (a handover) and, if
// asked, goes away for a while. The same recipe gives the same trace. See named_recipe.h for the others.

#include <cstdint>
#include <ostream>

#include "lab/link/delivery_trace.h"

namespace turbo {

inline constexpr const char* kMobileRecipe = "mobile";
inline constexpr double kMobileRttMs = 40;  // that goes well with it

struct TraceRecipe {
  double duration_s = 60;
  double mean_mbps = 20;  // met within 1 %, where min and max allow it
  double min_mbps = 8, max_mbps = 40;
  double dip_every_s = 12;    // on average; 0: none
  double dip_length_s = 0.8;  // down to min_mbps
  double blackout_at_s = 0, blackout_length_s = 0;
  std::uint64_t seed = 1;
};

DeliveryTrace make_trace(const TraceRecipe& recipe);  // throws LinkConfigError
void write_trace(const DeliveryTrace& trace, std::ostream& out);

}  // namespace turbo
