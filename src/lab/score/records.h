#pragma once
// The two kinds of line that a run is scored from: truth.jsonl of a camera stream, deliveries.jsonl of a
// client. A line comes from a file that may be cut off or broken: what does not fit is refused, never thrown.

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "core/detection/average_precision.h"

namespace turbo {

struct TruthRecord {
  std::uint64_t context_id = 0;
  int camera_id = 0;
  std::vector<TruthBox> boxes;
};

enum class DeliverySource { kNone, kVehicle, kRemote };

struct DeliveryRecord {
  std::uint64_t context_id = 0;
  int service_id = 0;  // the camera's id
  DeliverySource source = DeliverySource::kNone;
  bool offloaded = false;
  bool in_time = false;                     // whoever's answer it was
  std::string model_config;                 // asked for when the frame came
  std::optional<double> remote_latency_ms;  // also of a late answer
  std::optional<double> capture_unix_s, deadline_ms;
  Detections detections;          // what the client delivered
  Detections vehicle_detections;  // what the on-vehicle model saw; none if it did not run
};

std::optional<TruthRecord> parse_truth(const std::string& line);
std::optional<DeliveryRecord> parse_delivery(const std::string& line);

// Calls take(line) for every line but empty ones and those over 4 MiB; returns how many it did not take.
std::uint64_t for_each_line(std::istream& in, const std::function<bool(const std::string&)>& take);

}  // namespace turbo
