#pragma once
// All scenarios of an experiment, some at once, so that any number of them fits in memory.

#include <atomic>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "lab/command_line/interrupt.h"
#include "lab/command_line/progress.h"
#include "lab/experiments/data.h"

namespace turbo::experiments {

inline constexpr std::size_t kScenariosAtOnce = 32;

// run_batch(scenarios, done) returns the rows of some scenarios, and calls done, from any thread, after each
// of its cases. total: of all scenarios. Throws Interrupted with the line for people.
template <class Row, class RunBatch>
std::vector<Row> in_batches(const std::string& command, const ExperimentData& data,
                            const std::vector<int>& window_sizes, std::size_t total,
                            const RunBatch& run_batch) {
  std::vector<Row> rows;
  std::atomic<std::size_t> finished = 0;
  {
    Progress progress(command, total);
    const auto done = [&] {
      ++finished;
      progress.advance();
    };
    for (std::span<const std::string> names = data.scenarios(); !names.empty() && !interrupted();) {
      const auto batch = names.first(std::min(names.size(), kScenariosAtOnce));
      names = names.subspan(batch.size());
      std::vector<Row> found = run_batch(data.load(batch, window_sizes), done);
      std::move(found.begin(), found.end(), std::back_inserter(rows));
    }
  }
  if (interrupted())
    throw Interrupted("interrupted after " + std::to_string(finished) + " of " + std::to_string(total) +
                      "; nothing was written");
  return rows;
}

}  // namespace turbo::experiments
