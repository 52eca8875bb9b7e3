#include "evaluation/window_series.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "evaluation/evaluation_rows.h"
#include "parquet/printable.h"

namespace turbo {
namespace {

std::string frames(const UtilityWindow& window) {
  return "frames " + std::to_string(window.start_idx) + " to " + std::to_string(window.end_idx);
}

std::string times(const UtilityWindow& window) {
  return std::to_string(window.start_us) + " to " + std::to_string(window.end_us) + " us";
}

auto extent(const UtilityWindow& window) {
  return std::tie(window.start_idx, window.end_idx, window.start_us, window.end_us);
}

bool before(const WindowValue& a, const WindowValue& b) { return extent(a.window) < extent(b.window); }

// What is wrong with two neighbours of one file; empty: nothing.
std::string contradiction(const WindowValue& a, const WindowValue& b) {
  const UtilityWindow &x = a.window, &y = b.window;
  if (extent(x) == extent(y)) {
    if (a.accuracy == b.accuracy) return "";
    return frames(x) + " stand twice, with an accuracy of " + number_text(a.accuracy) + " and of " +
           number_text(b.accuracy);
  }
  if (x.start_idx == y.start_idx && x.end_idx == y.end_idx)
    return frames(x) + " stand twice, at " + times(x) + " and at " + times(y);
  if (x.start_idx == y.start_idx || y.end_idx < x.end_idx)
    return "windows contradict each other: " + frames(x) + " and " + frames(y);
  if (y.start_us <= x.start_us || y.end_us < x.end_us)
    return frames(y) + " at " + times(y) + " do not come after " + frames(x) + " at " + times(x);
  return "";
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw std::runtime_error(file.string() + ": " + why);
}

void put_in_order(WindowSeries& series, const std::filesystem::path& file, const std::string& name) {
  if (!std::is_sorted(series.begin(), series.end(), before))
    std::stable_sort(series.begin(), series.end(), before);
  bool repeated = false;
  for (std::size_t i = 1; i < series.size(); ++i) {
    if (const std::string why = contradiction(series[i - 1], series[i]); !why.empty())
      fail(file, name + ": " + why);
    repeated |= extent(series[i - 1].window) == extent(series[i].window);
  }
  if (!repeated) return;
  const auto same = [](const WindowValue& a, const WindowValue& b) {
    return extent(a.window) == extent(b.window);
  };
  series.erase(std::unique(series.begin(), series.end(), same), series.end());
}

}  // namespace

SeriesIndex::SeriesIndex(std::span<const std::string> scenarios, std::span<const int> cameras,
                         bool all_scenarios)
    : scenarios_(scenarios.begin(), scenarios.end()),
      cameras_(cameras.begin(), cameras.end()),
      all_scenarios_(all_scenarios) {
  for (std::size_t i = 0; i < scenarios_.size(); ++i) by_name_.emplace(scenarios_[i], int(i));
}

std::string SeriesIndex::describe(std::size_t series) const {
  return "context " + printable(scenarios_[series / cameras_.size()]) + ", camera " +
         std::to_string(cameras_[series % cameras_.size()]);
}

std::string SeriesIndex::where_scenario() const {
  if (all_scenarios_) return "context IS NOT NULL";
  std::string list;
  for (const std::string& scenario : scenarios_) list += (list.empty() ? "" : ", ") + sql_text(scenario);
  return "context IN (" + list + ")";
}

std::string SeriesIndex::where_camera() const {
  std::string list;
  for (const int camera : cameras_) list += (list.empty() ? "" : ", ") + std::to_string(camera);
  return "camera_id IN (" + list + ")";
}

int SeriesIndex::find_scenario(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? -1 : found->second;
}

int SeriesIndex::find_camera(int camera) const {
  const auto found = std::find(cameras_.begin(), cameras_.end(), camera);
  return found == cameras_.end() ? -1 : int(found - cameras_.begin());
}

std::vector<WindowSeries> read_series(const Database& database, const std::filesystem::path& file,
                                      int window_size, const SeriesIndex& index, bool any_camera) {
  std::vector<WindowSeries> series(index.size());
  std::string condition = index.where_scenario() + " AND window_start_idx IS NOT NULL";
  if (!any_camera) condition += " AND " + index.where_camera();
  std::string_view last_name;  // rows of one context mostly stand together
  std::string last;
  int scenario = -1;
  read_rows(database, file, window_size, condition, [&](const EvaluationRow& row) {
    if (!row.context || !row.camera || !row.window) return;
    if (*row.context != last_name || scenario < 0) {
      last = *row.context;
      last_name = last;
      scenario = index.find_scenario(last);
    }
    const int camera = index.find_camera(*row.camera);
    if (scenario < 0 || camera < 0) return;
    series[index.at(std::size_t(scenario), std::size_t(camera))].push_back({*row.window, row.accuracy});
  });
  for (std::size_t i = 0; i < series.size(); ++i) put_in_order(series[i], file, index.describe(i));
  return series;
}

void expect_same_windows(const std::vector<WindowSeries>& series, const std::filesystem::path& file,
                         const std::vector<WindowSeries>& reference,
                         const std::filesystem::path& reference_file, const SeriesIndex& index) {
  for (std::size_t i = 0; i < series.size(); ++i) {
    const WindowSeries &here = series[i], &there = reference[i];
    const std::string name = index.describe(i) + ": ";
    if (here.empty() && !there.empty())
      fail(file, name + "no windows, " + reference_file.string() + " has them");
    for (std::size_t k = 0; k < std::max(here.size(), there.size()); ++k) {
      if (k < here.size() && k < there.size() && extent(here[k].window) == extent(there[k].window)) continue;
      const bool missing = k >= here.size() || (k < there.size() && before(there[k], here[k]));
      const UtilityWindow& which = missing ? there[k].window : here[k].window;
      if (k < here.size() && k < there.size() && here[k].window.start_idx == there[k].window.start_idx &&
          here[k].window.end_idx == there[k].window.end_idx)
        fail(file, name + frames(which) + " are at " + times(here[k].window) + ", in " +
                       reference_file.string() + " at " + times(there[k].window));
      fail(file, name + (missing ? "no " : "") + frames(which) + ", which " + reference_file.string() +
                     (missing ? " has" : " has not"));
    }
  }
}

}  // namespace turbo
