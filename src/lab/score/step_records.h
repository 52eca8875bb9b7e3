#pragma once
// The lines that say what happened to a frame on its way, each from the process that knows it, and those that
// say what the link was like. The files may be cut off: what does not fit is refused, never thrown. Times are
// in ms, unix_s in seconds of the writer's own clock.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace turbo {

struct FrameName {
  int service = 0;
  std::uint64_t context_id = 0;
  auto operator<=>(const FrameName&) const = default;
};

// A line of a client's deliveries.jsonl, less what was seen. Times count from the capture.
struct FrameRecord {
  FrameName name;
  double capture_unix_s = 0;
  std::string source;  // "remote", "vehicle", "none"
  bool in_time = false, offloaded = false, cloud_out = false;
  std::string not_offloaded, model_config;
  double size_bytes = 0, latency_ms = 0, received_ms = 0;
  std::optional<double> deadline_ms, sent_ms, remote_latency_ms;
  std::optional<double> server_queue_ms, server_preprocessing_ms, server_inference_ms, server_overall_ms;
  std::optional<double> vehicle_runtime_ms;  // of the on-vehicle model
};

// A line of the QUIC client's frames.jsonl. after_ms and waited_ms count from the hand-over.
struct SendRecord {
  FrameName name;
  double unix_s = 0, after_ms = 0, sent_bytes = 0;
  std::optional<double> waited_ms;  // nothing: never started
  std::string end;
};

// A line of the QUIC server's requests.jsonl. after_ms counts from the request's last byte.
struct CloudRecord {
  FrameName name;
  double unix_s = 0, after_ms = 0;
  std::string step;
};

// What the QUIC client said of the link (plot_id 3).
struct LinkRecord {
  double unix_s = 0, mbps = 0, low_mbps = 0, high_mbps = 0, rtt_ms = 0, min_rtt_ms = 0;
  bool connected = false;
};

// What it expects the cloud to take for a service's next frame, from its last byte to the answer less an RTT.
struct CloudTimeRecord {
  int service = 0;
  double unix_s = 0, cloud_ms = 0;
};

// A decision of the allocator (plot_id 2).
struct DecisionRecord {
  struct Choice {
    std::string config;
    std::optional<double> mbps, needed_mbps;  // guaranteed; needed to be in time
  };
  struct RunnerUp {
    std::map<int, std::string> configs;
    std::optional<double> utility;
  };
  double unix_s = 0;
  std::map<int, Choice> services;
  std::string reason, rtt_source;
  std::optional<double> available_mbps, rtt_ms, promised;  // promised: share of frames in time
  // Likely where that was forecast, else as if everything were in time; the same of the runner-up.
  std::optional<double> utility;
  std::optional<RunnerUp> runner_up;
};

// Of the emulated link's uplink, over the 100 ms before.
struct CapacityRecord {
  double unix_s = 0, mbps = 0, queue_bytes = 0;
};

std::optional<FrameRecord> parse_frame(const std::string& line);
std::optional<SendRecord> parse_send(const std::string& line);
std::optional<CloudRecord> parse_cloud(const std::string& line);
std::optional<CapacityRecord> parse_capacity(const std::string& line);

// What a line of diagnostics.jsonl has of this.
struct Diagnostic {
  std::optional<LinkRecord> link;
  std::optional<CloudTimeRecord> cloud_time;
  std::optional<DecisionRecord> decision;
};
std::optional<Diagnostic> parse_diagnostic(const std::string& line);

}  // namespace turbo
