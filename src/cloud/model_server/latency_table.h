#pragma once
// How long a model configuration takes, from a CSV file with the columns `Model` and `Runtime [ms]` (others
// are ignored), as the prototype's experiment_model_info.csv has them.

#include <map>
#include <optional>
#include <string>

#include "core/time.h"

namespace turbo {

class LatencyTable {
 public:
  LatencyTable() = default;
  // Throws std::runtime_error, "file:line: what was expected".
  // A name that stands twice keeps the longer time.
  explicit LatencyTable(const std::string& path);

  // Of a configuration by its whole name; nothing when it is not in the table.
  std::optional<Duration> find(const std::string& model_config) const;
  std::size_t size() const { return runtimes_.size(); }

 private:
  std::map<std::string, Duration, std::less<>> runtimes_;
};

}  // namespace turbo
