#include "evaluation/motion_prediction.h"

namespace turbo {

Service published_motion_prediction(double frames_per_s) {
  Service service;
  service.id = kMotionPredictionService;
  service.slo_ms = 250;
  service.frames_per_s = frames_per_s;
  service.options.push_back({.config = "motion-cnn-imgcompNone-inpcompNone",
                             .size_megabits = 0,
                             .runtime_ms = 1,
                             .utility = 0.2213,
                             .on_vehicle = true});
  service.options.push_back({.config = "motion-transformer-imgcompNone-inpcompNone",
                             .size_megabits = 0.1462,
                             .runtime_ms = 45.86,
                             .utility = 0.3995});
  return service;
}

}  // namespace turbo
