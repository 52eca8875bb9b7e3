#include "evaluation/overall_rows.h"

#include <set>
#include <stdexcept>
#include <unordered_map>

#include "evaluation/evaluation_rows.h"

namespace turbo {
namespace {

void put(std::optional<double>& place, const EvaluationRow& row, const std::filesystem::path& file) {
  if (place && *place != row.accuracy)
    throw std::runtime_error(file.string() + ": " + describe(row) + " stand twice, with an accuracy of " +
                             number_text(*place) + " and of " + number_text(row.accuracy));
  place = row.accuracy;
}

}  // namespace

std::vector<std::optional<double>> read_overall(const Database& database, const std::filesystem::path& file,
                                                int window_size, std::span<const int> cameras) {
  const SeriesIndex index({}, cameras);
  std::vector<std::optional<double>> values(cameras.size());
  const std::string condition = "context IS NULL AND window_start_idx IS NULL AND " + index.where_camera();
  read_rows(database, file, window_size, condition, [&](const EvaluationRow& row) {
    if (row.camera) put(values[std::size_t(index.find_camera(*row.camera))], row, file);
  });
  return values;
}

std::vector<std::optional<double>> read_overall(const Database& database, const std::filesystem::path& file,
                                                int window_size, const SeriesIndex& index) {
  std::vector<std::optional<double>> values(index.size());
  const std::string condition =
      index.where_scenario() + " AND window_start_idx IS NULL AND " + index.where_camera();
  read_rows(database, file, window_size, condition, [&](const EvaluationRow& row) {
    if (!row.context || !row.camera) return;
    const int scenario = index.find_scenario(*row.context), camera = index.find_camera(*row.camera);
    if (scenario >= 0 && camera >= 0)
      put(values[index.at(std::size_t(scenario), std::size_t(camera))], row, file);
  });
  return values;
}

std::vector<int> read_overall_cameras(const Database& database, const std::filesystem::path& file,
                                      int window_size) {
  std::set<int> cameras;
  read_rows(database, file, window_size,
            "context IS NULL AND window_start_idx IS NULL AND camera_id IS NOT NULL",
            [&](const EvaluationRow& row) { cameras.insert(*row.camera); });
  return {cameras.begin(), cameras.end()};
}

void verify_overall(const Database& database, const std::filesystem::path& file, int window_size) {
  std::unordered_map<std::string, std::optional<double>> seen;
  read_rows(database, file, window_size, "context IS NULL OR camera_id IS NULL OR window_start_idx IS NULL",
            [&](const EvaluationRow& row) {
              put(seen[std::string(row.context.value_or("")) + describe(row)], row, file);
            });
}

}  // namespace turbo
