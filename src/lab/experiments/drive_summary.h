#pragma once
// Drives of all scenarios over the same link, decided in the same way, as one.

#include <optional>
#include <string>
#include <vector>

#include "lab/experiments/drive_experiment.h"
#include "lab/experiments/results.h"

namespace turbo::experiments {

struct DriveSummary {
  // Sums of frames; means by the scenarios' frames, of promises by the frames that went. No scenario's name.
  DriveRow mean;
  std::size_t scenarios = 0;
  double least = 0, most = 0;  // utility of a scenario
  // Against the first variant on this link, RTT and SLO, scenario by scenario: the mean difference of
  // utility, and in how many of those that both drove it was better. None: it is the first itself.
  std::optional<double> to_first;
  std::size_t better = 0, paired = 0;
};

// In the order in which the rows begin.
std::vector<DriveSummary> summaries_of(const std::vector<DriveRow>& rows);
Results results_of(const std::vector<DriveSummary>& summaries);
// A line for each.
std::string table_of(const std::vector<DriveSummary>& summaries);

}  // namespace turbo::experiments
