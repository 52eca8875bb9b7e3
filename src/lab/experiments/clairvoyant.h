#pragma once
// What could have been had by somebody who knows the future: for every moment at which the cameras take their
// frames, the exact allocation with that moment's true sizes, run times and utilities, under what the link
// really carries (of payload) while each frame has its time to be sent: from its capture for SLO - RTT - run
// time. An option needs the share of it that its size is, and the shares of the services together are at most
// one: the formula of the needed bandwidth, with the true capacity in the place of a constant one. Each frame
// is decided by itself, and nothing is carried over. No bound in the strict sense: frames that do not need
// their whole time leave some to others, which the formula does not count on.

#include "core/time.h"
#include "lab/experiments/truth.h"
#include "lab/link/capacity.h"

namespace turbo::experiments {

struct DriveFrames {
  Time begin;
  Duration interval{};           // from frame to frame, the same for every camera
  std::vector<Duration> phases;  // of each camera's first frame
  std::int64_t count = 0;        // of each camera, that are judged
};

enum class Foresight {
  kAll,           // what every configuration will be worth on every frame, too
  kLinkAndCosts,  // it chooses by what the services say that configurations are worth
};

// payload_share: of the link's bytes. Mean utility, as it comes true, over all frames by the services'
// weights.
double clairvoyant_utility(const Truth& truth, const Capacity& capacity, double payload_share, double rtt_ms,
                           const DriveFrames& frames, Foresight foresight);

}  // namespace turbo::experiments
