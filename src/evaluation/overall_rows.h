#pragma once
// What one file says over all windows: of the whole data, or of scenarios.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluation/window_series.h"
#include "parquet/database.h"

namespace turbo {

// Accuracies over all windows and contexts, a camera each; nothing where the file has no such row. Throws
// what read_rows throws, and std::runtime_error for rows that contradict each other.
std::vector<std::optional<double>> read_overall(const Database& database, const std::filesystem::path& file,
                                                int window_size, std::span<const int> cameras);

// The same of each scenario, in the index's order.
std::vector<std::optional<double>> read_overall(const Database& database, const std::filesystem::path& file,
                                                int window_size, const SeriesIndex& index);

// The cameras that have such a row over all contexts, in order. Throws what read_rows throws.
std::vector<int> read_overall_cameras(const Database& database, const std::filesystem::path& file,
                                      int window_size);

// Verifies all rows that are over all contexts, cameras or windows.
void verify_overall(const Database& database, const std::filesystem::path& file, int window_size);

}  // namespace turbo
