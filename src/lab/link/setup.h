#pragma once
// What turbo-link is asked for, and how its two directions are made from it.

#include <memory>
#include <string>
#include <vector>

#include "lab/link/link_model.h"

namespace turbo {

enum class QueueKind { kDropTail, kCoDel };
enum class OutageKind {
  kHold,
  kDrop
};  // what becomes of packets that come during one: they queue, or are lost

struct OutageRequest {
  double from_s = 0, to_s = 0;  // from the link's start
};

struct DirectionRequest {
  double rate_mbps = 0;                             // 0: no limit
  std::string trace_path;                           // if not empty, instead of the rate
  std::shared_ptr<const DeliveryTrace> trace = {};  // one that is read already, instead of both
  double delay_ms = 0;
  double jitter_ms = 0;  // at most, beside the delay
  JitterShape jitter_shape = JitterShape::kUniform;
  double jitter_every_ms = 10;
  double loss = 0;
  QueueKind queue = QueueKind::kDropTail;
  double queue_ms = 200;          // of the mean rate
  std::uint64_t queue_bytes = 0;  // 0: from queue_ms
  double codel_target_ms = 5, codel_interval_ms = 100;
  std::vector<OutageRequest> outages;
  OutageKind outage_kind = OutageKind::kHold;
};

struct LinkRequest {
  DirectionRequest up, down;  // vehicle to cloud, cloud to vehicle
  std::uint64_t seed = 1;
};

struct LinkPair {
  LinkModel up, down;
};

// Traces, jitter and outages begin at `start`. Throws LinkConfigError.
LinkPair make_link_pair(const LinkRequest& request, Time start);

}  // namespace turbo
