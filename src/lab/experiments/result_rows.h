#pragma once
// The rows of both experiments as tables of results, and back from Parquet files: those of several shards are
// read together.

#include <filesystem>
#include <string>
#include <vector>

#include "lab/experiments/drive_experiment.h"
#include "lab/experiments/results.h"
#include "lab/experiments/sweep_experiment.h"

namespace turbo::experiments {

struct Origin {
  std::uint64_t seed = 1;
  std::string command_line;
  std::size_t files = 1;      // that were read; the command is the first one's
  std::string identity = {};  // of what is to be written
};

// Of several files without --shard and --results, which name one of them.
std::string caption_of(const Origin& origin);
Results results_of(const std::vector<SweepRow>& rows, const Origin& origin);
Results results_of(const std::vector<DriveRow>& rows, const Origin& origin);

struct ReadRows {
  std::vector<SweepRow> sweep;
  std::vector<DriveRow> drive;
  Origin sweep_origin, drive_origin;
};
// By link or scenario, and names as the first file that has them has them: in the order asked for. Throws
// std::runtime_error (one line) for a file that is none of ours, and for a row that stands twice, which names
// the files.
ReadRows read_rows(const std::vector<std::filesystem::path>& files);

}  // namespace turbo::experiments
