#pragma once
// What a model says it sees.

#include <vector>

namespace turbo {

enum class ObjectClass : int { kVehicle = 0, kPedestrian = 1, kCyclist = 2, kSign = 3, kUnknown = 4 };
inline constexpr int kObjectClasses = 5;

struct Box {
  float x_min = 0, y_min = 0, x_max = 0, y_max = 0;  // pixels, x_min <= x_max, y_min <= y_max

  bool operator==(const Box&) const = default;
};

struct Detection {
  Box box;
  float score = 0;  // 0 to 1
  int label = 0;    // an ObjectClass

  bool operator==(const Detection&) const = default;
};

using Detections = std::vector<Detection>;

}  // namespace turbo
