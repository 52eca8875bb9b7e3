#pragma once
// What the vehicle's transport says to the allocation: the link, and how each service's choice does.

#include <optional>
#include <string>
#include <vector>

namespace turbo {

struct Quantiles {
  double p50 = 0, p95 = 0;
};

// Of frames that were handed over under `config`.
struct ServiceReport {
  int service_id = 0;
  std::string config;  // empty: not known
  // Frames whose end became known since the last report; those of them that were answered by their deadline.
  int finished = 0, in_time = 0;
  int all_finished = 0, all_in_time = 0;  // the same with the frames of former choices
  std::optional<Quantiles> frame_bytes;
  std::optional<Quantiles> server_ms;  // in the model server, waiting included
  std::optional<Quantiles> cloud_ms;   // from a frame's last byte to its answer, less an RTT
};

struct LinkReport {
  double bandwidth_mbps = 0;                  // of payload
  std::optional<double> low_mbps, high_mbps;  // hold the truth four times in five
  double rtt_ms = 0;                          // of the path, without the queue that our frames make
  std::string rtt_source;                     // "ping", "quic", "unknown": for people
  bool app_limited = false;                   // nobody has tried to send more lately
  bool connected = true;
  std::vector<ServiceReport> services;
};

}  // namespace turbo
