#pragma once
// What turbo-link is asked for, and how its two directions are made from it.

#include <optional>
#include <string>

#include "lab/link/link_model.h"

namespace turbo {

struct LinkRequest {
  double delay_ms = 0;            // each way
  double rate_mbps = 0;           // both ways; 0: no limit
  double down_rate_mbps = -1;     // -1: as rate_mbps
  std::string trace_path;         // capacity of the uplink
  double queue_ms = 200;          // of the mean rate
  std::uint64_t queue_bytes = 0;  // 0: from queue_ms
  double loss = 0;
  std::uint64_t seed = 1;
};

struct LinkPair {
  LinkModel up, down;  // vehicle to cloud, cloud to vehicle
};

// Throws LinkConfigError. The trace begins at `start`.
LinkPair make_link_pair(const LinkRequest& request, Time start);

}  // namespace turbo
