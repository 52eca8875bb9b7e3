#pragma once
// Scenarios that the tests share.

#include "lab/simulate/scenario.h"

namespace turbo::simulate {

inline Scenario cameras_over(double mbps, double rtt_ms, double frame_bytes = 40'000, int services = 3) {
  Scenario scenario;
  for (int i = 0; i < services; ++i) {
    CameraSettings camera;
    camera.frame_bytes = frame_bytes;
    camera.phase = from_seconds(i / camera.frames_per_s / services);
    scenario.cameras.push_back(camera);
  }
  for (DirectionRequest* direction : {&scenario.link.up, &scenario.link.down}) {
    direction->rate_mbps = mbps;
    direction->delay_ms = rtt_ms / 2;
  }
  scenario.duration = std::chrono::seconds(20);
  return scenario;
}

inline Scenario bulk_over(double mbps, double rtt_ms) {
  Scenario scenario = cameras_over(mbps, rtt_ms, 100'000, 1);
  scenario.cameras[0].frames_per_s = 0;
  scenario.slo = Duration::max();
  scenario.queue_slo = std::chrono::hours(1);
  return scenario;
}

}  // namespace turbo::simulate
