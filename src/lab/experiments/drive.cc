#include "lab/experiments/drive.h"

#include <algorithm>
#include <stdexcept>

#include "lab/experiments/planned_drive.h"
#include "lab/simulate/packet.h"
#include "lab/simulate/simulation.h"

namespace turbo::experiments {
namespace {

simulate::Scenario scenario_of(const DriveSettings& settings, const Truth& truth, const DriveFrames& frames) {
  simulate::Scenario scenario;
  for (std::size_t i = 0; i < truth.services().size(); ++i) {
    const Service& service = truth.services()[i];
    scenario.cameras.push_back({.frames_per_s = service.frames_per_s,
                                .phase = frames.phases[i],
                                .slo = from_milliseconds(service.slo_ms)});
  }
  scenario.link.up.trace = settings.link.trace;
  scenario.link.up.rate_mbps = settings.link.rate_mbps;
  scenario.link.down.rate_mbps = settings.down_mbps;
  scenario.link.up.delay_ms = scenario.link.down.delay_ms = settings.link.rtt_ms / 2;
  scenario.link.seed = scenario.seed = settings.seed;
  scenario.duration = settings.duration;
  scenario.initial_mbps = settings.initial_mbps;
  return scenario;
}

std::unique_ptr<Capacity> capacity_of(const DriveLink& link, Time begin) {
  return link.trace ? trace_capacity(*link.trace, begin) : constant_capacity(link.rate_mbps * 1e6);
}

struct Tally {
  double utility = 0, vehicle = 0, weights = 0, promised = 0;
  std::int64_t promised_frames = 0, kept = 0;
};

}  // namespace

DriveFrames frames_of(const Truth& truth, const DriveSettings& settings) {
  DriveFrames frames;
  const double rate = truth.services().front().frames_per_s;
  double slo_ms = 0;
  const auto services = static_cast<double>(truth.services().size());
  for (const Service& service : truth.services()) {
    if (service.frames_per_s != rate)
      throw std::invalid_argument("a drive needs one frame rate for all services");
    slo_ms = std::max(slo_ms, service.slo_ms);
    const auto index = static_cast<double>(frames.phases.size());
    frames.phases.push_back(settings.staggered ? from_seconds(index / rate / services) : Duration::zero());
  }
  frames.interval = from_seconds(1 / rate);
  const Duration judged = settings.duration - from_milliseconds(slo_ms) - frames.phases.back();
  frames.count = judged < Duration::zero() ? 0 : judged / frames.interval + 1;
  if (frames.count == 0) throw std::invalid_argument("the drive is shorter than its SLO");
  return frames;
}

DriveResult drive(const DriveSettings& settings, const Truth& truth, Planner planner) {
  const DriveFrames frames = frames_of(truth, settings);
  const simulate::Scenario scenario = scenario_of(settings, truth, frames);
  const std::unique_ptr<Capacity> capacity = capacity_of(settings.link, kDriveBegins);
  PlannedDrive policy(std::move(planner), truth, from_milliseconds(settings.link.rtt_ms),
                      settings.foreseen ? capacity.get() : nullptr);
  const simulate::Records records = simulate::simulate(scenario, policy);

  DriveResult result;
  Tally tally;
  for (std::size_t i = 0; i < policy.taken().size(); ++i) {
    const Taken& taken = policy.taken()[i];
    const simulate::FrameRecord& record = records.frames[i];
    if (taken.frame >= frames.count) continue;
    const bool in_time = record.answered <= record.deadline && record.answered != simulate::kNever;
    const Duration since = record.captured - records.began;
    const double weight = truth.weight(taken.service);
    const double vehicle = truth.utility(taken.service, truth.vehicle_option(taken.service), since);
    tally.weights += weight;
    tally.vehicle += weight * vehicle;
    tally.utility += weight * (in_time ? truth.utility(taken.service, taken.option, since) : vehicle);
    ++result.frames;
    if (!taken.sent) continue;
    ++result.offloaded;
    result.in_time += in_time;
    if (taken.tries) {
      ++result.tries;
      result.tries_in_time += in_time;
    }
    if (!taken.promised) continue;
    ++tally.promised_frames;
    tally.promised += *taken.promised;
    tally.kept += in_time;
  }
  result.utility = tally.utility / tally.weights;
  result.vehicle_utility = tally.vehicle / tally.weights;
  if (tally.promised_frames > 0) {
    const auto count = static_cast<double>(tally.promised_frames);
    result.promised = tally.promised / count;
    result.attained = static_cast<double>(tally.kept) / count;
  }
  result.changes_per_minute = static_cast<double>(policy.changes()) * 60 / seconds(settings.duration);
  result.capacity_mbps =
      capacity->bits_between(records.began, records.ended) / 1e6 / seconds(settings.duration);
  return result;
}

double clairvoyant_utility(const DriveSettings& settings, const Truth& truth, Foresight foresight) {
  DriveFrames frames = frames_of(truth, settings);
  frames.begin = kDriveBegins;
  return clairvoyant_utility(truth, *capacity_of(settings.link, frames.begin), payload_share(),
                             settings.link.rtt_ms, frames, foresight);
}

}  // namespace turbo::experiments
