#pragma once
// A simulation's records as JSON lines. Times are in ms from the begin of the run; one that did not come is
// null.

#include <string>
#include <vector>

#include "lab/simulate/records.h"

namespace turbo::simulate {

std::vector<std::string> frame_lines(const Records& records);
std::vector<std::string> estimate_lines(const Records& records);

// Throws std::runtime_error if the file cannot be written.
void write_lines(const std::string& path, const std::vector<std::string>& lines);

}  // namespace turbo::simulate
