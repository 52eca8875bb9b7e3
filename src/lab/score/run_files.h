#pragma once
// The files of a run: every truth.jsonl and deliveries.jsonl below its folder, whichever process wrote it.

#include <string>
#include <vector>

#include "lab/score/score.h"

namespace turbo {

struct RunFiles {
  std::vector<std::string> truth, deliveries, supervision;
};

// Throws std::runtime_error for a folder that cannot be read or holds no deliveries.
RunFiles find_run_files(const std::vector<std::string>& folders);

struct RunScore {
  Summary total;
  std::map<int, Summary> cameras;
  std::uint64_t broken_lines = 0;  // cut off by kill -9, say
  std::uint64_t restarts = 0;      // of processes that died, from supervision.jsonl
};

RunScore score_run(const RunFiles& files);

}  // namespace turbo
