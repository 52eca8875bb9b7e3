#include "lab/link/setup.h"

#include <algorithm>
#include <cmath>

namespace turbo {
namespace {

void require(bool good, const std::string& option, const std::string& expected) {
  if (!good) throw LinkConfigError(option + ": expected " + expected);
}

void check(const LinkRequest& request) {
  const auto within = [](double value, double low, double high) { return value >= low && value <= high; };
  require(within(request.delay_ms, 0, 60'000), "--delay-ms", "0 to 60000");
  require(within(request.rate_mbps, 0, 100'000), "--rate-mbps", "0 (no limit) to 100000");
  require(request.down_rate_mbps == -1 || within(request.down_rate_mbps, 0, 100'000), "--down-rate-mbps",
          "0 (no limit) to 100000");
  require(within(request.queue_ms, 0.001, 60'000), "--queue-ms", "0.001 to 60000");
  require(within(request.loss, 0, 1), "--loss", "a probability, 0 to 1");
}

LinkModel make_direction(const LinkRequest& request, std::unique_ptr<Capacity> capacity, std::uint64_t seed) {
  LinkSettings settings;
  settings.delay = from_milliseconds(request.delay_ms);
  settings.loss = request.loss;
  settings.seed = seed;
  auto queue_bytes = static_cast<std::size_t>(request.queue_bytes);
  if (queue_bytes == 0)
    queue_bytes = static_cast<std::size_t>(std::ceil(capacity->mean_bps() * request.queue_ms / 8e3));
  return LinkModel(settings, std::move(capacity), std::make_unique<DropTail>(queue_bytes));
}

}  // namespace

LinkPair make_link_pair(const LinkRequest& request, Time start) {
  check(request);
  auto up = request.trace_path.empty() ? constant_capacity(request.rate_mbps * 1e6)
                                       : trace_capacity(load_delivery_trace(request.trace_path), start);
  auto down =
      constant_capacity((request.down_rate_mbps < 0 ? request.rate_mbps : request.down_rate_mbps) * 1e6);
  // Two directions of one seed must not lose packets in step.
  return {make_direction(request, std::move(up), request.seed * 2),
          make_direction(request, std::move(down), request.seed * 2 + 1)};
}

}  // namespace turbo
