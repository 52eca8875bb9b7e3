#pragma once
// The motion-prediction service beside the cameras, as it was published: no accuracy by scenario, only two
// models.

#include "core/utility/service.h"

namespace turbo {

inline constexpr int kMotionPredictionService = 6;

// A CNN on the vehicle (worth 0.2213) and a transformer in the cloud (0.1462 Mb, 45.86 ms, 0.3995), due in
// 250 ms; asked as often as the cameras beside it take their frames.
Service published_motion_prediction(double frames_per_s);

}  // namespace turbo
