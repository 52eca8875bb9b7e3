#pragma once
// Decisions without packets: every frame of a scenario is decided with what a policy believes and counted
// with what is true of that frame, at every bandwidth, RTT and SLO. Sizes and run times are the table's.
// Pure, deterministic.

#include <memory>
#include <string>
#include <vector>

#include "core/allocation/allocator.h"
#include "core/planning/utility_policy.h"
#include "core/utility/service.h"
#include "lab/experiments/truth.h"

namespace turbo::experiments {

struct GridPoint {
  double bandwidth_mbps = 0, rtt_ms = 0;
  double slo_ms = 0;  // of the cameras; 0: the services' own
};

// What a policy believes along a scenario. Frames that follow each other with the same beliefs are together.
struct Belief {
  std::vector<Service> services;
  std::size_t first_frame = 0;
};
// A frame is decided at its own time: frames, as frame_times() gives them, from the start on.
std::vector<Belief> beliefs_along(UtilityPolicy& policy, Time start, const std::vector<Duration>& frames);

struct SweepResult {
  double utility = 0;      // mean over services (by their weights) and frames, as it came true
  double needed_mbps = 0;  // mean over the frames, of all services
  double changes = 0;      // share of the frames at which the choice is another than at the one before
};

// One policy's beliefs and one allocator over all frames at one point of the grid.
SweepResult sweep_point(const GridPoint& point, std::vector<Belief>& beliefs, const Truth& truth,
                        const std::vector<Duration>& frames, Allocator& allocator);

// Utility with every service on the vehicle.
double vehicle_utility(const Truth& truth, const std::vector<Duration>& frames);

// When a scenario's frames are, from its first on; one moment for a table alone.
std::vector<Duration> frame_times(const std::optional<UtilityTimeline>& timeline);

}  // namespace turbo::experiments
