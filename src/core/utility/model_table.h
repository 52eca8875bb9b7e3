#pragma once
// The table of what every configuration costs and is worth, as CSV text:
//   Model,Network Transport Size [Mb],Runtime [ms]            the published form, or
//   Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]
// Mb are megabits of one frame, the runtime is the model server's, the utility is an accuracy from 0 to 1.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/utility/model_config.h"

namespace turbo {

struct ModelRow {
  ModelConfig config;
  double size_megabits = 0;
  double runtime_ms = 0;
  std::optional<double> utility;  // none: the table has no such column
  // The published table has <model>-imgcompNone-inpcompNone twice: once for the whole camera frame (the
  // larger size), once for the frame resized to the model's input. True for the first.
  bool raw_frame = false;
  int line = 0;
};

struct ModelTable {
  std::string name;            // of the file
  std::vector<ModelRow> rows;  // in the file's order
  bool has_utility = false;
};

// Throws std::runtime_error "<name>:<line>: ..." for anything but such a table.
ModelTable parse_model_table(std::string_view text, const std::string& name);

}  // namespace turbo
