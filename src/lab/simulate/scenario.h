#pragma once
// What is simulated: cameras, the vehicle's transport, the link, the server, and for how long.

#include <cstdint>
#include <vector>

#include "core/time.h"
#include "lab/link/setup.h"

namespace turbo::simulate {

struct CameraSettings {      // one for each service
  double frames_per_s = 15;  // 0: back to back, a new frame as soon as none waits
  double frame_bytes = 40'000;
  double size_spread = 0;       // standard deviation of the size's logarithm
  Duration phase{};             // of the first frame
  Duration compression_time{};  // from the frame to its hand-over for sending
  Duration slo{};               // 0: the scenario's
};

struct ServerSettings {
  double service_ms = 20;  // mean time of an answer
  double spread = 0;       // standard deviation of its logarithm
  std::int64_t answer_bytes = 1'500;
};

struct Scenario {
  std::vector<CameraSettings> cameras;
  LinkRequest link;
  ServerSettings server;
  Duration slo = std::chrono::milliseconds(150);  // from the camera's frame to the answer; max: no deadline
  Duration queue_slo = std::chrono::milliseconds(100);  // longest wait before a frame is sent
  Duration duration = std::chrono::seconds(60);
  std::uint64_t seed = 1;
  Duration wake_time = std::chrono::microseconds(50);  // mean, of a process for a packet that has come
  std::int64_t packet_bytes = 1'472;

  double initial_mbps = 1;     // what the estimator says before it has measured
  double guaranteed_mbps = 0;  // each service's; 0: an equal share of the estimate
  bool freshness = true;       // off: first come first served, hopeless frames too
  bool cancel = true;
  bool probe = true;
  bool share_leftover = true;
  bool window_formula = false;  // the prototype's estimate instead of ours
};

}  // namespace turbo::simulate
