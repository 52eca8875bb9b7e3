#pragma once
// The experiments' results as tables for people.

#include <string>
#include <vector>

#include "lab/experiments/drive_experiment.h"
#include "lab/experiments/sweep_experiment.h"

namespace turbo::experiments {

// Each name once, in the order of the rows.
std::vector<std::string> policies_of(const std::vector<SweepRow>& rows);
std::vector<std::string> allocators_of(const std::vector<SweepRow>& rows);

// A line for each policy and allocator: means over the scenarios, by their frames, and over the grid.
std::string table_of(const std::vector<SweepRow>& rows);
// A line for each drive, in the rows' order.
std::string table_of(const std::vector<DriveRow>& rows);
// The columns that tables of drives share, after those that say what each line is; range: beside the utility.
std::vector<std::string> drive_head(std::vector<std::string> what, const std::vector<std::string>& range);
std::vector<std::string> drive_line(std::vector<std::string> what, const DriveRow& row,
                                    const std::vector<std::string>& range);

}  // namespace turbo::experiments
