#pragma once
// The files of a run: those of these names below its folders, whichever process wrote them.

#include <optional>
#include <string>
#include <vector>

#include "lab/score/run_history.h"
#include "lab/score/score.h"

namespace turbo {

struct RunFiles {
  std::vector<std::string> truth, deliveries, supervision, summary;
  std::vector<std::string> frames, requests, diagnostics, link;  // what happened on the way
};

// Throws std::runtime_error for a folder that cannot be read or holds no deliveries.
RunFiles find_run_files(const std::vector<std::string>& folders);

// The time of which a run's frames count: those captured after its begin whose deadline was before its end.
// The others tell of the start, or are late only because the run was over.
struct MeasuredTime {
  double from_unix_s = 0, until_unix_s = 0;

  bool holds(const DeliveryRecord& record) const;  // true where it is not known when the frame was captured
};

struct RunScore {
  Summary total;
  std::map<int, Summary> cameras;
  std::uint64_t broken_lines = 0;  // cut off by kill -9, say
  std::uint64_t restarts = 0;      // of processes that died, from supervision.jsonl
  std::optional<MeasuredTime> measured;
  std::uint64_t left_out = 0;  // frames outside of it
};

// measured: without it what the run's summary.json says; all frames count where that is missing, too.
RunScore score_run(const RunFiles& files, std::optional<MeasuredTime> measured = {});

// Finished. Broken lines are left out.
RunHistory read_history(const RunFiles& files);

}  // namespace turbo
