#pragma once
// The rows of one file of evaluation data, each verified before it is handed on.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/utility/utility_timeline.h"
#include "parquet/database.h"

namespace turbo {

inline constexpr int kFirstCamera = 1, kLastCamera = 5;

// An accuracy of one context (scenario), camera and window of frames; of what is not there: over all of them.
struct EvaluationRow {
  std::optional<std::string_view> context;  // of at most 200 bytes, printable (parquet/printable.h)
  std::optional<int> camera;
  std::optional<UtilityWindow> window;
  double accuracy = 1;  // 0 to 1; a null in the file, a right empty answer, is 1
};

// "context a, camera 1, frames 0 to 9", "all contexts, all cameras, all frames".
std::string describe(const EvaluationRow& row);
// "0.25", "inf", "no number".
std::string number_text(double value);

// Calls `each` for every row of the file for which `condition` holds, in no order. Throws std::runtime_error,
// one line that begins with the file's name: it is missing or no whole Parquet file, a column is missing or
// of a wrong type, or a row is impossible.
void read_rows(const Database& database, const std::filesystem::path& file, int window_size,
               const std::string& condition, const std::function<void(const EvaluationRow&)>& each);

std::uint64_t count_rows(const Database& database, const std::filesystem::path& file);

// The contexts in the file, sorted. Throws as above.
std::vector<std::string> read_contexts(const Database& database, const std::filesystem::path& file);

}  // namespace turbo
