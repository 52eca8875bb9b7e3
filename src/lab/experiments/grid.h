#pragma once
// Lists as a command line writes them.

#include <string>
#include <vector>

namespace turbo::experiments {

// Each text a number, or FROM:TO:STEP with both ends. Throws std::invalid_argument that begins with the
// option's name: no number, outside [low, high], one given twice,
// more than 10,000 in all.
std::vector<double> parse_grid(const std::string& option, const std::vector<std::string>& texts, double low,
                               double high);

// A result is told by these, so each may stand once. Throws std::invalid_argument that begins with the
// option's name.
void refuse_repeats(const std::string& option, std::vector<std::string> names);
void refuse_repeats(const std::string& option, const std::vector<double>& numbers);

}  // namespace turbo::experiments
