#pragma once
// A score for people and for programs.

#include <string>

#include "lab/score/run_files.h"

namespace turbo {

std::string table_of(const RunScore& score);

// One line. The fields of a summary, for the whole and under "cameras" for each.
std::string json_of(const RunScore& score);

// The last line of a demo: the summary, what the link carried on average, the restarts.
std::string demo_json(const RunScore& score, double link_mean_mbps);

}  // namespace turbo
