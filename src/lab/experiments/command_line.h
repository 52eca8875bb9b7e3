#pragma once
// What the commands of experiments share on their command lines.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lab/experiments/data.h"
#include "lab/experiments/figures.h"
#include "lab/experiments/results.h"

namespace CLI {
class App;
}

namespace turbo::experiments {

struct RunOptions {
  std::string results;  // Parquet file
  std::string figures;  // folder
  bool json = false;
  unsigned threads = 0;
  std::string shard;  // I/N
  std::uint64_t seed = 1;
};

void declare(CLI::App& app, DataOptions& options);
void declare(CLI::App& app, RunOptions& options);

// Beside those of every tool.
inline constexpr const char* kInterruptedCodes =
    ", 130 or 143 ended by SIGINT (Ctrl-C) or SIGTERM, with nothing written";

// "I/N", 1 <= I <= N. Throws std::invalid_argument.
Shard parse_shard(const std::string& text);

// Notes on stderr.
void tell(const std::string& command, const std::vector<std::string>& notes);

// Throws std::invalid_argument for a fixed configuration that no service has, with some that there are.
void check_fixed(const std::vector<std::string>& allocators, std::span<const Service> services);

// Runs the body; a mistake in its options or files is one line on stderr and status 2, trouble on the way 1;
// Interrupted is one line, too.
int guarded(const std::string& command, const std::function<int()>& body);

// Throws std::invalid_argument when what the options name could not be written; for before the long work.
void check_outputs(const RunOptions& options, const std::string& experiment);
// To the places that the options name, which stderr says; the table for people when they want no JSON.
void put_out(const Results& results, const std::vector<NamedFigure>& figures, const RunOptions& options,
             const std::string& table, const Results* summary = nullptr);

}  // namespace turbo::experiments
