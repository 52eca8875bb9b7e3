#pragma once
// When frames come and how large they are: a clock for each camera, then the compression before the
// hand-over.

#include <deque>
#include <optional>
#include <vector>

#include "lab/simulate/records.h"
#include "lab/simulate/scenario.h"
#include "lab/simulate/vehicle.h"
#include "scene/dice.h"

namespace turbo::simulate {

class Cameras {
 public:
  Cameras(const Scenario& scenario, Time now, Records& records);

  Time next_deadline() const { return next_deadline_; }
  void on_timer(Time now, Vehicle& vehicle);
  // Cameras that go back to back: a frame for every service that has none waiting.
  void refill(Time now, Vehicle& vehicle);

 private:
  struct Camera {
    CameraSettings settings;
    scene::Dice dice;
    std::uint64_t taken = 0;
    Time next_frame = kNever;
    std::deque<std::size_t> compressing;  // frames, oldest first
  };
  // The frame; nothing when it stays on the vehicle.
  std::optional<std::size_t> take(Time now, std::size_t camera, Vehicle& vehicle);
  void arm();

  Time began_;
  Duration slo_;
  Records& records_;
  std::vector<Camera> cameras_;
  bool back_to_back_ = false;
  Time next_deadline_ = kNever;
};

}  // namespace turbo::simulate
