#pragma once
// The files of a run: those of these names below its folders, whichever process wrote them.

#include <string>
#include <vector>

#include "lab/score/run_history.h"
#include "lab/score/score.h"

namespace turbo {

struct RunFiles {
  std::vector<std::string> truth, deliveries, supervision;
  std::vector<std::string> frames, requests, diagnostics, link;  // what happened on the way
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

// Finished. Broken lines are left out.
RunHistory read_history(const RunFiles& files);

}  // namespace turbo
