#pragma once
// How fast evaluation data are loaded, as the simulator loads them, and what a bare scan of the same files
// takes.

#include <cstdint>
#include <filesystem>

#include "evaluation/evaluation_data.h"

namespace turbo::lab {

struct LoadTiming {
  std::uint64_t rows = 0;  // in the files that were read
  double seconds = 0;
  double peak_mib = 0;  // of this process, from its start
};

// The utilities over everything, of every scenario, and of every window of every size.
LoadTiming time_load(const std::filesystem::path& folder, const ModelTable& table,
                     const EvaluationSettings& settings);

// DuckDB decodes every column of every file and adds the values up: the least that any reader on top of it
// does.
LoadTiming time_scan(const std::filesystem::path& folder, const EvaluationSettings& settings);

}  // namespace turbo::lab
