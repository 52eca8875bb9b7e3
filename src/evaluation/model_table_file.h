#pragma once
// A model table from its file.

#include <string>

#include "core/utility/model_table.h"

namespace turbo {

// An ordinary file of at most 1 MiB: what is none, as a pipe, is not even opened. Throws
// std::invalid_argument: one line that begins with the path; what_to_do ends it where there is no such file.
ModelTable read_model_table(const std::string& path, const std::string& what_to_do);

}  // namespace turbo
