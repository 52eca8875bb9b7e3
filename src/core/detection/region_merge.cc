#include "core/detection/region_merge.h"

#include <algorithm>

#include "core/detection/average_precision.h"

namespace turbo {
namespace {

constexpr double kSameObject = 0.5;  // overlap

bool belongs(const Box& box, const Box& region) {
  const float x = (box.x_min + box.x_max) / 2, y = (box.y_min + box.y_max) / 2;
  return x >= region.x_min && x < region.x_max && y >= region.y_min && y < region.y_max;
}

}  // namespace

Detections merge_by_region(std::span<const Detection> cloud, std::span<const Detection> vehicle,
                           const Box& region) {
  Detections merged;
  for (const Detection& detection : cloud)
    if (belongs(detection.box, region)) merged.push_back(detection);
  const std::size_t of_cloud = merged.size();
  for (const Detection& detection : vehicle) {
    if (belongs(detection.box, region)) continue;
    const bool seen = std::any_of(
        merged.begin(), merged.begin() + static_cast<std::ptrdiff_t>(of_cloud), [&](const Detection& other) {
          return other.label == detection.label && overlap(other.box, detection.box) > kSameObject;
        });
    if (!seen) merged.push_back(detection);
  }
  return merged;
}

}  // namespace turbo
