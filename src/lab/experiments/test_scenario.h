#pragma once
// Small scenarios that the tests share.

#include <string>
#include <vector>

#include "lab/experiments/data.h"

namespace turbo::experiments {

// With an RTT of 40 ms and an SLO of 150, 60 ms are left: 10 Mbps for "s", 20 for "l".
inline Service test_camera(int id) {
  const auto cloud = [](const char* config, double megabits, double utility) {
    return ModelOption{.config = config, .size_megabits = megabits, .runtime_ms = 50, .utility = utility};
  };
  return {.id = id,
          .options = {
              {.config = "v-imgcompNone-inpcompNone", .runtime_ms = 1, .utility = 0.2, .on_vehicle = true},
              cloud("s-imgcompNone-inpcomp50", 0.6, 0.4),
              cloud("l-imgcompNone-inpcomp50", 1.2, 0.5)}};
}

// utilities: of each frame, those of all options, 100 ms apart.
inline UtilityTimeline test_timeline(const std::string& scenario,
                                     const std::vector<std::vector<double>>& utilities, int window_size = 1) {
  UtilityTimeline timeline{.scenario = scenario, .window_size = window_size};
  for (std::size_t i = 0; i < utilities.size(); ++i) {
    const auto first = static_cast<int>(i);
    timeline.windows.push_back({.start_us = 100'000 * first,
                                .end_us = 100'000 * (first + window_size - 1),
                                .start_idx = first,
                                .end_idx = first + window_size - 1});
    timeline.utilities.push_back(utilities[i]);
  }
  return timeline;
}

// One camera: on the frames 1 and 2 of four the vehicle does best.
inline ScenarioData test_scenario(const std::string& name) {
  ScenarioData data{.name = name, .global = {test_camera(1)}, .own = {test_camera(1)}};
  data.own[0].options[2].utility = 0.35;  // here "s" is better than "l"
  data.frames = test_timeline(name, {{0.1, 0.3, 0.6}, {0.7, 0.4, 0.3}, {0.8, 0.5, 0.4}, {0.2, 0.6, 0.5}});
  data.windows[1] = *data.frames;
  return data;
}

}  // namespace turbo::experiments
