#pragma once
// One drive: a planner's choices over one link, packet by packet, and what came of every frame. The cameras
// are the truth's services. Deterministic.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/planning/planner.h"
#include "lab/experiments/clairvoyant.h"
#include "lab/experiments/truth.h"
#include "lab/link/delivery_trace.h"

namespace turbo::experiments {

inline constexpr Time kDriveBegins = Time(std::chrono::hours(1));  // as the simulation's

struct DriveLink {
  std::string name;
  std::shared_ptr<const DeliveryTrace> trace;  // none: the rate
  double rate_mbps = 0;
  double rtt_ms = 50;
};

struct DriveSettings {
  DriveLink link;
  Duration duration = std::chrono::seconds(60);
  bool staggered = false;   // the cameras one after the other, not all at the same moment
  double down_mbps = 60;    // of the way back
  double initial_mbps = 2;  // a service, before the link has been measured
  bool foreseen = false;    // the planner is told what the link will carry, not what is estimated
  std::uint64_t seed = 1;
};

struct DriveResult {
  std::int64_t frames = 0;         // of all cameras, whose deadline lies within the drive
  std::int64_t offloaded = 0;      // of them sent, or tried to be sent
  std::int64_t in_time = 0;        // of those answered by the deadline
  double utility = 0;              // mean over the frames, by the services' weights
  double vehicle_utility = 0;      // had the vehicle answered them all
  std::int64_t tries = 0;          // of the offloaded, only to learn of the link, however unlikely
  std::int64_t tries_in_time = 0;  // of those
  // Over the frames that were offloaded under a forecast: its mean, and the share of them in time.
  std::optional<double> promised, attained;
  double changes_per_minute = 0;  // decisions that changed a choice
  double capacity_mbps = 0;       // mean of the link
};

// Which frames are judged. Throws std::invalid_argument if cameras have different frame rates, or the drive
// is too short for any.
DriveFrames frames_of(const Truth& truth, const DriveSettings& settings);

DriveResult drive(const DriveSettings& settings, const Truth& truth, Planner planner);
double clairvoyant_utility(const DriveSettings& settings, const Truth& truth, Foresight foresight);

}  // namespace turbo::experiments
