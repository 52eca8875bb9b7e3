#pragma once
// What one file says of every window of chosen scenarios and cameras, in the order of time.

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/utility/utility_timeline.h"
#include "parquet/database.h"

namespace turbo {

// Scenarios and cameras as numbers: where their series stand.
class SeriesIndex {
 public:
  // all_scenarios: the files have no others, so none has to be filtered out.
  SeriesIndex(std::span<const std::string> scenarios, std::span<const int> cameras,
              bool all_scenarios = false);
  std::size_t size() const { return scenarios_.size() * cameras_.size(); }
  std::size_t cameras() const { return cameras_.size(); }
  std::size_t at(std::size_t scenario, std::size_t camera) const {
    return scenario * cameras_.size() + camera;
  }
  const std::string& scenario(std::size_t scenario) const { return scenarios_[scenario]; }
  int camera(std::size_t camera) const { return cameras_[camera]; }
  std::string where_scenario() const;  // conditions for read_rows
  std::string where_camera() const;
  std::string describe(std::size_t series) const;  // "context a, camera 1"

  // -1: none of ours.
  int find_scenario(std::string_view name) const;
  int find_camera(int camera) const;

 private:
  std::vector<std::string> scenarios_;
  std::vector<int> cameras_;
  bool all_scenarios_;
  std::map<std::string_view, int> by_name_;
};

struct WindowValue {
  UtilityWindow window;
  double accuracy = 0;
};
using WindowSeries = std::vector<WindowValue>;  // starts rise, ends do not fall

// Of every series of the index; one without rows is empty. `any_camera`: rows of other cameras are read, too,
// so that impossible ones are found. Throws std::runtime_error that names the file: what read_rows throws,
// and rows that contradict each other.
std::vector<WindowSeries> read_series(const Database& database, const std::filesystem::path& file,
                                      int window_size, const SeriesIndex& index, bool any_camera = false);

// Throws std::runtime_error when `series` has not exactly the windows of the reference's.
void expect_same_windows(const std::vector<WindowSeries>& series, const std::filesystem::path& file,
                         const std::vector<WindowSeries>& reference,
                         const std::filesystem::path& reference_file, const SeriesIndex& index);

}  // namespace turbo
