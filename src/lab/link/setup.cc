#include "lab/link/setup.h"

#include <cmath>

#include "lab/link/codel.h"

namespace turbo {
namespace {

void check(const DirectionRequest& request, const std::string& direction) {
  const auto within = [&](const char* option, double value, double low, double high, const char* expected) {
    if (value >= low && value <= high) return;
    char found[32];
    std::snprintf(found, sizeof found, "%g", value);
    throw LinkConfigError(std::string(option) + " (" + direction + "): expected " + expected + ", found " +
                          found);
  };
  within("--rate-mbps", request.rate_mbps, 0, 100'000, "0 (no limit) to 100000");
  within("--delay-ms", request.delay_ms, 0, 60'000, "0 to 60000");
  within("--jitter-ms", request.jitter_ms, 0, 60'000, "0 to 60000");
  within("--jitter-every-ms", request.jitter_every_ms, 0.1, 60'000, "0.1 to 60000");
  within("--loss", request.loss, 0, 1, "a probability, 0 to 1");
  within("--queue-ms", request.queue_ms, 0.001, 60'000, "0.001 to 60000");
  within("--codel-target-ms", request.codel_target_ms, 0.001, 60'000, "0.001 to 60000");
  within("--codel-interval-ms", request.codel_interval_ms, 0.001, 60'000, "0.001 to 60000");
}

OutageSchedule schedule(const std::vector<OutageRequest>& requests, Time start) {
  std::vector<Outage> outages;
  for (const auto& outage : requests)
    outages.push_back({start + from_seconds(outage.from_s), start + from_seconds(outage.to_s)});
  return OutageSchedule(std::move(outages));
}

std::unique_ptr<QueueDiscipline> make_queue(const DirectionRequest& request, double mean_bps) {
  auto bytes = static_cast<std::size_t>(request.queue_bytes);
  if (bytes == 0) bytes = static_cast<std::size_t>(std::ceil(mean_bps * request.queue_ms / 8e3));
  if (request.queue == QueueKind::kDropTail) return std::make_unique<DropTail>(bytes);
  CoDel::Settings codel;
  codel.limit_bytes = bytes;
  codel.target = from_milliseconds(request.codel_target_ms);
  codel.interval = from_milliseconds(request.codel_interval_ms);
  return std::make_unique<CoDel>(codel);
}

LinkModel make_direction(const DirectionRequest& request, const std::string& direction, std::uint64_t seed,
                         Time start) {
  check(request, direction);
  const OutageSchedule outages = schedule(request.outages, start);
  auto capacity = request.trace ? trace_capacity(*request.trace, start, outages)
                  : request.trace_path.empty()
                      ? constant_capacity(request.rate_mbps * 1e6, outages)
                      : trace_capacity(load_delivery_trace(request.trace_path), start, outages);
  auto queue = make_queue(request, capacity->mean_bps());
  LinkSettings settings;
  settings.delay = from_milliseconds(request.delay_ms);
  settings.loss = request.loss;
  settings.seed = seed;
  settings.jitter = {from_milliseconds(request.jitter_ms), request.jitter_shape,
                     from_milliseconds(request.jitter_every_ms)};
  settings.start = start;
  if (request.outage_kind == OutageKind::kDrop) settings.drops_during = outages;
  return LinkModel(settings, std::move(capacity), std::move(queue));
}

}  // namespace

LinkPair make_link_pair(const LinkRequest& request, Time start) {
  // Two directions of one seed must not lose packets in step.
  return {make_direction(request.up, "up", request.seed * 2, start),
          make_direction(request.down, "down", request.seed * 2 + 1, start)};
}

}  // namespace turbo
