#pragma once
// What an experiment decides about: services by a model table alone, or by evaluation data and its scenarios.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/utility/service.h"
#include "core/utility/utility_timeline.h"

namespace turbo {
class EvaluationData;
}

namespace turbo::experiments {

struct DataOptions {
  std::string evaluation, table;
  std::vector<std::string> utilities;        // MODEL=VALUE, or COMPRESSION=CHANGE, for a table that has none
  std::vector<std::string> weights, floors;  // as per_service() reads them
  std::string onvehicle_model;               // empty: the one of size 0
  std::vector<int> cameras;                  // none: 1, 2, 3; of evaluation data the usual_cameras()
  double frames_per_s = 10;
  std::vector<double> frame_rates;     // offered beside the camera's
  std::vector<std::string> scenarios;  // these; none: all
  std::size_t most_scenarios = 0;      // of them; 0: all
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

// One thread.
class ExperimentData {
 public:
  // Throws std::invalid_argument (one line) for options or files that are wrong.
  ExperimentData(const DataOptions& options, const Shard& shard);
  ~ExperimentData();

  const std::vector<std::string>& notes() const { return notes_; }
  // The shard's; of a table alone one, "table".
  const std::vector<std::string>& scenarios() const { return scenarios_; }
  // What they are, of all shards together: fingerprint().
  const std::string& identity() const { return identity_; }
  // By the utilities over all data.
  const std::vector<Service>& services() const { return global_; }
  // A few of them, with windows of these sizes.
  std::vector<ScenarioData> load(std::span<const std::string> scenarios,
                                 std::span<const int> window_sizes) const;

 private:
  void adjust(std::vector<Service>& services) const;

  std::map<int, double> weights_, floors_;
  std::unique_ptr<const EvaluationData> evaluation_;  // none: the table alone
  std::vector<Service> global_;
  std::vector<std::string> notes_, scenarios_;
  std::string identity_;
};

}  // namespace turbo::experiments
