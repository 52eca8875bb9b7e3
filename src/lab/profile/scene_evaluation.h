#pragma once
// Evaluation data of one's own models: how well every configuration sees every frame of some synthetic
// drives.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "evaluation/new_evaluation.h"
#include "lab/profile/profiler.h"

namespace turbo {

struct EvaluationPlan {
  std::filesystem::path folder;  // must be empty or not there yet
  int scenarios = 3;             // worlds: of the options' seed and of those after it
  int frames = 40;               // a scenario, of every camera, 10 a second
  std::vector<int> cameras = {1, 2, 3, 4, 5};
  int threads = 0;  // 0: one a core
};

struct MadeSceneEvaluation {
  std::uint64_t files = 0, rows = 0;
  std::filesystem::path model_table;
};

// Where they are going to be. Throws std::runtime_error, one line, when no data can be made of these models,
// or not there.
std::unique_ptr<NewEvaluation> prepare_evaluation(const ProfileOptions& options, const EvaluationPlan& plan);

// Measures, and writes the published layout with the table beside it: `table` as profile() made it, but with
// the utilities of these data. An accuracy is the COCO AP of a window's frames together; none where they have
// no object and nothing was reported; so are those over all frames, cameras and scenarios. Of a region it is
// what is delivered, with the first on-vehicle model's boxes outside. Says on stderr how far it is. Holds
// every frame's scores until the end, about half a kilobyte a configuration. Throws std::runtime_error, and
// Interrupted after `stop`.
MadeSceneEvaluation make_scene_evaluation(const ProfileOptions& options, const EvaluationPlan& plan,
                                          std::vector<ProfileRow> table, NewEvaluation& place,
                                          const std::atomic<bool>& stop);

}  // namespace turbo
