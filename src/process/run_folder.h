#pragma once
// Every run writes into a folder of its own, stamped with what was run: run.json.

#include <string>
#include <vector>

namespace turbo {

// Makes and returns `wanted`, or, if that is empty, a new <experiment_output_dir>/<name>_<date>_<time>.
// Throws.
std::string make_run_folder(const std::string& wanted, const std::string& experiment_output_dir,
                            const std::string& name);

// Writes run.json: command line, configuration file and its hash (FNV-1a, 64 bits), commit, start time.
void stamp_run_folder(const std::string& folder, const std::vector<std::string>& command_line,
                      const std::string& config_path);

}  // namespace turbo
