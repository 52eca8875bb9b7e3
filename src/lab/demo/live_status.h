#pragma once
// What a person watching the demo sees, made from the plotter's history. Pure: text in, text out.

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace turbo {

struct CameraStatus {
  std::string model_config;
  std::optional<double> allocated_mbps, sent_mbps;
  // Over the last seconds:
  std::optional<double> latency_ms;  // median, capture to delivery
  int from_cloud = 0, from_vehicle = 0, without_result = 0;
};

struct LiveStatus {
  std::map<int, CameraStatus> cameras;  // by service id
  std::optional<double> capacity_mbps, estimate_mbps, rtt_ms;
};

struct DemoClock {
  double elapsed_s = 0;
  double duration_s = 0;       // 0: until Ctrl-C
  std::string dashboard = {};  // its address
};

inline constexpr double kStatusWindowS = 5;

// `history`: the plotter's JSON. Anything that is not as expected is left out.
LiveStatus read_history(const std::string& history, double now_unix_s);

// Some lines, to be drawn over the ones before; bold and colours only with `colour`.
std::vector<std::string> status_block(const LiveStatus& status, const DemoClock& clock, bool colour);
// The same in one line, for a log.
std::string status_line(const LiveStatus& status, const DemoClock& clock);

}  // namespace turbo
