#include "lab/experiments/clairvoyant.h"

#include <algorithm>
#include <cmath>

#include "core/allocation/exact.h"

namespace turbo::experiments {

double clairvoyant_utility(const Truth& truth, const Capacity& capacity, double payload_share, double rtt_ms,
                           const DriveFrames& frames, Foresight foresight) {
  // Options cost the share of their window's capacity, as Mbps of a link of 1 Mbps: with an SLO of one second
  // above the RTT and no run time the formula divides by 1.
  std::vector<Service> moment = truth.services();
  for (Service& service : moment) service.slo_ms = 1000;
  ExactAllocator exact;
  double sum = 0, weights = 0;
  for (const Service& service : moment) weights += service.weight;
  for (std::int64_t frame = 0; frame < frames.count; ++frame) {
    for (std::size_t s = 0; s < moment.size(); ++s) {
      const Duration since = frames.phases[s] + frame * frames.interval;
      const Time captured = frames.begin + since;
      for (std::size_t o = 0; o < moment[s].options.size(); ++o) {
        ModelOption& option = moment[s].options[o];
        option.utility =
            foresight == Foresight::kAll ? truth.utility(s, o, since) : truth.believed_when_sent(s, o);
        option.duty = 1;
        if (option.on_vehicle) continue;
        const double left_ms = truth.services()[s].slo_ms - rtt_ms - truth.runtime_ms(s, o, frame);
        const double bits =
            left_ms > 0
                ? capacity.bits_between(captured, captured + from_milliseconds(left_ms)) * payload_share
                : 0;
        const double share = bits > 0 ? truth.megabits(s, o, frame) * 1e6 / bits : 2;
        option.size_megabits = std::min(share, 2.0);
        option.runtime_ms = 0;
      }
    }
    const Allocation best = exact.allocate({moment, 1, 0});
    for (std::size_t s = 0; s < moment.size(); ++s)
      sum += moment[s].weight * truth.utility(s, best.options[s].value_or(truth.vehicle_option(s)),
                                              frames.phases[s] + frame * frames.interval);
  }
  return frames.count > 0 ? sum / (weights * static_cast<double>(frames.count)) : 0;
}

}  // namespace turbo::experiments
