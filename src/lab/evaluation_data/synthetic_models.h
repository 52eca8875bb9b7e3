#pragma once
// The detectors of the synthetic evaluation data: five sizes of one family, named as the published ones.

#include <array>
#include <string>
#include <vector>

#include "core/utility/model_table.h"

namespace turbo::lab {

struct SyntheticModel {
  const char* name;
  int input_size;       // pixels, square
  double server_ms;     // of the model alone
  double skill;         // log odds of its accuracy on an average frame
  double sight;         // how much better it gets from few small objects to many, in log odds
  double false_alarms;  // share of the empty frames in which it sees something
  double fragility;     // how much compression costs it; 1: the largest model
  bool on_vehicle = false;
};

const std::vector<SyntheticModel>& synthetic_models();
// Throws std::runtime_error that lists the names.
const SyntheticModel& synthetic_model(const std::string& name);

// A band about the horizon, and its middle.
inline constexpr std::array kSyntheticRegions{FrameRegion{100, 50, 0, 30}, FrameRegion{60, 50, 20, 30}};

// All configurations that have data of their own: nothing compressed, and each quality of each kind; with
// regions, the resized input's lower qualities of each; of the on-vehicle model only the first.
std::vector<ModelConfig> data_configs(const SyntheticModel& model, bool regions);

// What travels of a frame of 1920 x 1280, and the model server's time for it, in the published form (as CSV).
std::string synthetic_model_table(const std::vector<std::string>& models, bool regions);

}  // namespace turbo::lab
