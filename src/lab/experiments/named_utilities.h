#pragma once
// Utilities for a model table that has none, by options of a command line.

#include <map>
#include <string>
#include <vector>

#include "core/utility/model_table.h"

namespace turbo::experiments {

// NAME=VALUE each. Throws std::invalid_argument that begins with the option's name.
std::map<std::string, double> named_values(const std::string& option, const std::vector<std::string>& texts,
                                           double low, double high);

// MODEL=VALUE is what a model is worth, COMPRESSION=CHANGE ("50=-0.02") what is added for images or inputs
// compressed so. Every model of the table must have one. Throws std::invalid_argument.
void give_utilities(ModelTable& table, const std::vector<std::string>& utilities);

}  // namespace turbo::experiments
