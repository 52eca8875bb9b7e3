#include "evaluation/scenario_list.h"

#include <algorithm>
#include <functional>

#include "core/utility/model_config.h"
#include "evaluation/evaluation_layout.h"
#include "evaluation/evaluation_rows.h"
#include "parquet/database.h"

namespace turbo {
namespace {

struct Extent {
  UtilityWindow all;
  std::map<int, UtilityWindow> by_camera;
};

void widen(UtilityWindow& all, const UtilityWindow& by) {
  all.start_idx = std::min(all.start_idx, by.start_idx);
  all.end_idx = std::max(all.end_idx, by.end_idx);
  all.start_us = std::min(all.start_us, by.start_us);
  all.end_us = std::max(all.end_us, by.end_us);
}

}  // namespace

std::vector<ScenarioExtent> list_scenarios(const std::filesystem::path& folder, const std::string& model) {
  const EvaluationFiles files = list_evaluation_files(folder);
  const auto own = files.by_config.find(format_model_config({.model = model}));
  const auto& by_window = (own == files.by_config.end() ? files.by_config.begin() : own)->second;
  const auto& [window_size, file] = *by_window.begin();
  std::map<std::string, Extent, std::less<>> extents;
  read_rows(Database(), file, window_size, "context IS NOT NULL", [&](const EvaluationRow& row) {
    auto found = extents.find(*row.context);
    if (found == extents.end()) found = extents.try_emplace(std::string(*row.context)).first;
    if (!row.camera || !row.window) return;
    Extent& extent = found->second;
    if (extent.by_camera.empty()) extent.all = *row.window;
    widen(extent.all, *row.window);
    widen(extent.by_camera.try_emplace(*row.camera, *row.window).first->second, *row.window);
  });
  std::vector<ScenarioExtent> scenarios;
  for (const auto& [name, extent] : extents) {
    scenarios.push_back({.name = name});
    scenarios.back().seconds = static_cast<double>(extent.all.end_us - extent.all.start_us) / 1e6;
    for (const auto& [camera, window] : extent.by_camera)
      scenarios.back().frames[camera] = window.end_idx - window.start_idx + 1;
  }
  return scenarios;
}

}  // namespace turbo
