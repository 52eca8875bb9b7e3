#pragma once
// One answer for a frame of which the cloud saw only a region: the cloud's boxes inside it, the vehicle's
// outside. A box belongs where its centre lies. Pure.

#include <optional>
#include <span>

#include "core/detection/detection.h"

namespace turbo {

// All boxes in pixels of the frame. Of an object at the border that both saw (same label, overlap above a
// half) the cloud's box stays.
Detections merge_by_region(std::span<const Detection> cloud, std::span<const Detection> vehicle,
                           const Box& region);

}  // namespace turbo
