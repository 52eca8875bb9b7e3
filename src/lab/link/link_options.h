#pragma once
// turbo-link's command line: the link's options, for both directions or for one.

#include <optional>
#include <string>
#include <vector>

#include "lab/link/setup.h"

namespace CLI {
class App;
}

namespace turbo {

// As written on the command line: what is not there is not set.
struct DirectionOptions {
  std::optional<double> rate_mbps, delay_ms, jitter_ms, jitter_every_ms, loss, queue_ms, codel_target_ms,
      codel_interval_ms;
  std::optional<std::uint64_t> queue_bytes;
  std::optional<std::string> trace_path;
  std::optional<QueueKind> queue;
  std::optional<JitterShape> jitter_shape;
  std::optional<OutageKind> outage_kind;
  std::vector<std::string> outages;
};

class LinkOptions {
 public:
  void declare(CLI::App& app);
  LinkRequest request() const;  // throws LinkConfigError

 private:
  DirectionOptions both_, up_, down_;
  std::uint64_t seed_ = 1;
};

}  // namespace turbo
