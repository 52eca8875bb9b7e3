#pragma once
// Writes a synthetic evaluation set: the published layout, and a model table beside it.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "evaluation/evaluation_writer.h"

namespace turbo::lab {

struct EvaluationRecipe {
  std::uint64_t seed = 1;
  int scenarios = 20;
  int frames = 200;  // a scenario, of every camera, at 10 a second
  std::vector<std::string> models = {"edd1", "edd2", "edd4", "edd6", "edd7x"};
  std::vector<int> window_sizes{kEvaluationWindows.begin(), kEvaluationWindows.end()};
  bool regions = false;  // of the frame, too: kSyntheticRegions
  int threads = 0;       // 0: one a core
};

struct MadeEvaluation {
  std::uint64_t files = 0, rows = 0;
  std::filesystem::path model_table;  // model_info.csv in the folder
};

// A window's accuracy is the mean over its frames (a null, an empty frame seen as such, counts as 1), null
// when all are null; windows follow each other, the last may be shorter. Every file also has the means over a
// scenario's frames, its frames and cameras, and over everything. The folder must be empty or not there yet,
// and is left so when this throws: std::runtime_error with one line, Interrupted after `stop`. Says on stderr
// how far it is.
MadeEvaluation make_evaluation(const EvaluationRecipe& recipe, const std::filesystem::path& folder,
                               const std::atomic<bool>& stop);

}  // namespace turbo::lab
