#pragma once
// A machine that does more than it can makes every computation slow at once, on the vehicle and in the cloud
// where both are on it. Then none of them is why a frame was late. Pure.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lab/score/frame_story.h"

namespace turbo {

struct ComparedStage {
  FrameStage stage = FrameStage::kCamera;
  double took_ms = 0, usual_ms = 0;

  double excess_ms() const { return took_ms - usual_ms; }
};

// Those of computing stages that took far longer than usual, if there are such of both sides and they explain
// more than any other stage does; else none. beside: of the on-vehicle model, which is not on the frame's way
// to the cloud and back.
std::vector<ComparedStage> slow_together(std::span<const ComparedStage> way,
                                         const std::optional<ComparedStage>& beside);

// "compression x20, inference x30"
std::string factors_text(std::span<const ComparedStage> slow);

}  // namespace turbo
