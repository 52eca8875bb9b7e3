#pragma once
// What accuracy a service gets from how much bandwidth, under its SLO and one RTT: a step function.

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "core/utility/service.h"

namespace turbo {

inline constexpr double kUnlimitedMbps = std::numeric_limits<double>::infinity();

// What a service below its floor costs, in utility, and once more for each utility that is missing to it:
// keeping the floors comes before all else, as long as the weights come to less: those of 256 services, of
// 100 at most, do.
inline constexpr double kFloorPenalty = 3e4;

// size / (slo - rtt - runtime), in Mbps. 0 for what needs no network. Nothing when no bandwidth is enough.
// An option that does not send every frame (duty) needs as much: a frame that it sends is due as soon as any
// other. What several such services need together is core/allocation/turns_need.h's.
std::optional<double> needed_mbps(const ModelOption& option, double slo_ms, double rtt_ms);

// What a utility of this service counts in a sum over services: times its weight, less the penalty where its
// floor is missed. Rises strictly with the utility.
double value_of(const Service& service, double utility);

struct UtilityStep {
  double start_mbps = 0;  // this much bandwidth is needed
  double end_mbps = 0;    // from here on the next step is better; infinity for the last
  double utility = 0;
  double value = 0;                   // as value_of
  std::optional<std::size_t> option;  // of the service; none: nothing can run with so little
};

// Start and utility rise strictly from step to step; the first starts at 0 Mbps (with utility 0 and no option
// when even the cheapest option needs more). Never empty.
using UtilityCurve = std::vector<UtilityStep>;

// Of two options that need the same bandwidth the one of higher utility counts; of equals the first by name.
// Options that need more than most_mbps are left out. The second form reuses the curve's
// memory.
UtilityCurve make_utility_curve(const Service& service, double rtt_ms, double most_mbps = kUnlimitedMbps);
void make_utility_curve(const Service& service, double rtt_ms, double most_mbps, UtilityCurve* curve);

// Index of the step that holds at this bandwidth.
std::size_t step_at(const UtilityCurve& curve, double mbps);

}  // namespace turbo
