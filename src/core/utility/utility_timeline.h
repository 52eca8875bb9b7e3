#pragma once
// How well every configuration would have done in one scenario, window by window: what evaluation data know.

#include <cstdint>
#include <string>
#include <vector>

namespace turbo {

struct UtilityWindow {
  std::int64_t start_us = 0, end_us = 0;  // in the scenario's own time; the last frame is at end_us
  int start_idx = 0, end_idx = 0;         // of frames, both included
};

// Beside a std::vector<Service>: the columns are the services' options, one service after the other.
struct UtilityTimeline {
  std::string scenario;
  int window_size = 1;                         // frames; 1: every frame by itself
  std::vector<UtilityWindow> windows;          // by start
  std::vector<std::vector<double>> utilities;  // [window][column], 0 to 1
};

}  // namespace turbo
