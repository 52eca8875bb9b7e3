#pragma once
// Everything that can be wrong with a folder of evaluation data, at once: for people who make one.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/utility/model_table.h"
#include "evaluation/evaluation_data.h"

namespace turbo {

struct EvaluationReport {
  struct Configuration {
    std::string config;
    std::map<int, std::uint64_t> rows;  // by window size
  };
  std::vector<Configuration> configurations;
  std::uint64_t files = 0, bytes = 0, rows = 0, scenarios = 0;
  std::vector<int> cameras;           // that have windows
  std::vector<std::string> notes;     // not wrong, but worth knowing
  std::vector<std::string> problems;  // a line each, at most one a file; empty: all is right
};

// Reads every row of every file, on all cores, in bounded memory; of the cameras that are there. `on_file` is
// called for every file that was read, with the number of all.
EvaluationReport check_evaluation(const std::filesystem::path& folder, const ModelTable& table,
                                  const EvaluationSettings& settings,
                                  const std::function<void(std::size_t)>& on_file);

}  // namespace turbo
