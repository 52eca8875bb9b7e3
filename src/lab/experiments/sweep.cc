#include "lab/experiments/sweep.h"

#include <algorithm>

#include "lab/experiments/cameras_slo.h"

namespace turbo::experiments {
namespace {

bool same(std::span<const Service> a, const std::vector<Service>& b) {
  for (std::size_t s = 0; s < b.size(); ++s)
    for (std::size_t o = 0; o < b[s].options.size(); ++o)
      if (a[s].options[o].utility != b[s].options[o].utility) return false;
  return true;
}

// A choice that sends a share of the frames: the vehicle answers the others.
double true_utility(const Truth& truth, std::size_t service, std::size_t option, Duration at) {
  const double duty = truth.services()[service].options[option].duty;
  const double sent = truth.utility(service, option, at);
  if (duty >= 1) return sent;
  return duty * sent + (1 - duty) * truth.utility(service, truth.vehicle_option(service), at);
}

double total_weight(const Truth& truth) {
  double sum = 0;
  for (const Service& service : truth.services()) sum += service.weight;
  return sum;
}

}  // namespace

std::vector<Belief> beliefs_along(UtilityPolicy& policy, Time start, const std::vector<Duration>& frames) {
  std::vector<Belief> beliefs;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::span<const Service> now = policy.services(start + frames[i], {});
    if (!beliefs.empty() && same(now, beliefs.back().services)) continue;
    beliefs.push_back({{now.begin(), now.end()}, i});
  }
  return beliefs;
}

SweepResult sweep_point(const GridPoint& point, std::vector<Belief>& beliefs, const Truth& truth,
                        const std::vector<Duration>& frames, Allocator& allocator) {
  SweepResult result;
  std::vector<std::size_t> choice(truth.services().size()), before;
  for (std::size_t b = 0; b < beliefs.size(); ++b) {
    std::vector<Service>& services = beliefs[b].services;
    if (point.slo_ms > 0) set_cameras_slo(services, point.slo_ms);
    const Allocation got = allocator.allocate({services, point.bandwidth_mbps, point.rtt_ms});
    for (std::size_t s = 0; s < choice.size(); ++s)
      choice[s] = got.options[s].value_or(truth.vehicle_option(s));
    if (!before.empty() && choice != before) result.changes += 1;
    before = choice;
    const std::size_t end = b + 1 < beliefs.size() ? beliefs[b + 1].first_frame : frames.size();
    for (std::size_t i = beliefs[b].first_frame; i < end; ++i)
      for (std::size_t s = 0; s < choice.size(); ++s)
        result.utility += truth.weight(s) * true_utility(truth, s, choice[s], frames[i]);
    result.needed_mbps += got.total_needed_mbps * static_cast<double>(end - beliefs[b].first_frame);
  }
  const auto count = static_cast<double>(frames.size());
  result.utility /= count * total_weight(truth);
  result.needed_mbps /= count;
  result.changes /= count;
  return result;
}

double vehicle_utility(const Truth& truth, const std::vector<Duration>& frames) {
  double sum = 0;
  for (const Duration at : frames)
    for (std::size_t s = 0; s < truth.services().size(); ++s)
      sum += truth.weight(s) * truth.utility(s, truth.vehicle_option(s), at);
  return sum / (static_cast<double>(frames.size()) * total_weight(truth));
}

std::vector<Duration> frame_times(const std::optional<UtilityTimeline>& timeline) {
  if (!timeline) return {Duration::zero()};
  std::vector<Duration> times;
  for (const UtilityWindow& window : timeline->windows)
    times.push_back(std::chrono::microseconds(window.start_us - timeline->windows.front().start_us));
  return times;
}

}  // namespace turbo::experiments
