#pragma once
// What an experiment decides about: services by a model table alone, or by evaluation data and its scenarios.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/utility/service.h"
#include "core/utility/utility_timeline.h"

namespace turbo::experiments {

struct DataOptions {
  std::string evaluation, table;
  std::vector<std::string> utilities;  // MODEL=VALUE, or COMPRESSION=CHANGE, for a table that has none
  std::string onvehicle_model = "edd1";
  int cameras = 3;
  double frames_per_s = 10;
  std::vector<double> frame_rates;  // offered beside the camera's
};

struct ScenarioData {
  std::string name;
  std::vector<Service> global;             // utilities over all data
  std::vector<Service> own;                // over this scenario
  std::optional<UtilityTimeline> frames;   // one by one; none: nothing is known but the table
  std::map<int, UtilityTimeline> windows;  // by size
};

struct Shard {  // every count-th scenario, from the index-th on
  std::size_t index = 1, count = 1;
  bool holds(std::size_t item) const { return item % count == index - 1; }
};

// The shard's scenarios, with windows of these sizes. Of a table alone one, "table". Throws
// std::invalid_argument (one line) for options or files that are wrong.
std::vector<ScenarioData> load_scenarios(const DataOptions& options, std::span<const int> window_sizes,
                                         const Shard& shard);

}  // namespace turbo::experiments
