#pragma once
// What a person watching the demo sees, made from the plotter's history. Pure: text in, text out.

#include <cstdint>
#include <deque>
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

// Fed with the plotter's answers to GET /api/history?since=NEXT, remembers the last seconds of them. Anything
// that is not as expected is left out.
class RecentHistory {
 public:
  static constexpr double kWindowS = 5;

  void take(const std::string& answer);
  std::uint64_t next() const { return next_; }
  LiveStatus status() const;
  // Those of `services` of which no frame was heard in the last seconds.
  std::vector<int> silent(const std::vector<int>& services) const;

 private:
  struct Request {
    double unix_s = 0;
    int service_id = 0;
    std::string source, model_config;
    std::optional<double> latency_ms;
  };
  std::uint64_t next_ = 0;
  double now_unix_s_ = 0;  // the plotter's
  std::deque<Request> requests_;
  std::map<int, double> sent_mbps_;
  std::map<int, double> allocated_mbps_;
  std::optional<double> estimate_mbps_, rtt_ms_;
};

// Some lines, to be drawn over the ones before; bold and colours only with `colour`.
std::vector<std::string> status_block(const LiveStatus& status, const DemoClock& clock, bool colour);
// The same in one line, for a log.
std::string status_line(const LiveStatus& status, const DemoClock& clock);

}  // namespace turbo
