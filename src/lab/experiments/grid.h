#pragma once
// Lists of numbers as a command line writes them.

#include <string>
#include <vector>

namespace turbo::experiments {

// Each text a number, or FROM:TO:STEP with both ends. Throws std::invalid_argument that begins with the
// option's name: no number, outside [low, high], more than 10,000 in all.
std::vector<double> parse_grid(const std::string& option, const std::vector<std::string>& texts, double low,
                               double high);

}  // namespace turbo::experiments
