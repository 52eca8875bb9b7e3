#pragma once
// Where results go: what is there already is not lost, unless it is an older result of the same experiment.

#include <filesystem>
#include <string>

namespace turbo::experiments {

// For before the long work. Throws std::invalid_argument (one line that begins with the option's name): the
// file is there and is none of this experiment's results, or its folder is not there and cannot be made.
void check_results_file(const std::string& option, const std::filesystem::path& file,
                        const std::string& experiment);

}  // namespace turbo::experiments
