#include "lab/service_set/service_source.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "evaluation/evaluation_data.h"
#include "evaluation/model_table_file.h"

namespace turbo {
namespace {

constexpr const char* kExpected =
    "expected a model table, as models/model_info.csv, or a folder of evaluation data";

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument(why); }

std::string table_beside(const ServiceOptions& options) {
  if (!options.table.empty()) return options.table;
  const std::filesystem::path beside = std::filesystem::path(options.curves) / "model_info.csv";
  std::error_code error;
  if (!std::filesystem::exists(beside, error))
    refuse(options.curves +
           ": no model_info.csv in it; name the model table (sizes and run times) with --table");
  return beside.string();
}

}  // namespace

std::string onvehicle_model_of(const ModelTable& table) {
  std::set<std::string> candidates;
  for (const auto& row : table.rows)
    if (row.size_megabits == 0) candidates.insert(row.config.model);
  if (candidates.size() == 1) return *candidates.begin();
  std::string names;
  for (const auto& name : candidates) names += (names.empty() ? "" : ", ") + name;
  refuse(table.name +
         (candidates.empty() ? ": no row of size 0, so there is no on-vehicle model"
                             : ": more than one model of size 0 (" + names + ")") +
         "; name the on-vehicle model with --onvehicle-model");
}

ServiceSet services_of_table(const ServiceOptions& options, const std::vector<double>& rates_per_s) {
  if (!options.table.empty() || !options.scenario.empty())
    refuse((options.table.empty() ? "--scenario" : "--table") +
           std::string(": only with a folder of evaluation data; ") + options.curves + " is a file");
  const ModelTable table = read_model_table(options.curves, kExpected);
  if (!table.has_utility)
    refuse(
        options.curves +
        ": no column \"Utility [AP]\", so nothing tells which configuration is worth more; name a folder of "
        "evaluation data instead, with --table " +
        options.curves +
        " (turbo-evaluation make FOLDER makes a synthetic one), or end the header with \",Utility [AP]\" and "
        "every row with its accuracy from 0 to 1, as turbo-profile does");
  const std::string model =
      options.onvehicle_model.empty() ? onvehicle_model_of(table) : options.onvehicle_model;
  ServiceSet set{options.curves, {}, {}};
  for (std::size_t i = 0; i < options.services.size(); ++i) {
    if (options.motion_prediction && options.services[i] == kMotionPredictionService) {
      set.services.push_back(published_motion_prediction(rates_per_s[i]));
      continue;
    }
    if (options.services[i] == kMotionPredictionService)
      set.notes.push_back("6 is one more camera here; --motion-prediction makes it the published pair");
    set.services.push_back({.id = options.services[i],
                            .options = options_of(table, model, rates_per_s[i]),
                            .frames_per_s = rates_per_s[i]});
  }
  return set;
}

ServiceSet services_of_evaluation(const ServiceOptions& options, const std::vector<double>& rates_per_s) {
  if (std::any_of(rates_per_s.begin(), rates_per_s.end(),
                  [&](double rate) { return rate != rates_per_s.front(); }))
    refuse("--frame-rate: with a folder of evaluation data, expected the same of all services");
  ModelTable table = read_model_table(table_beside(options), kExpected);
  EvaluationSettings settings;
  settings.onvehicle_model =
      options.onvehicle_model.empty() ? onvehicle_model_of(table) : options.onvehicle_model;
  settings.cameras = options.services;
  settings.frames_per_s = rates_per_s.front();
  settings.leave_out_missing = options.leave_out;
  const EvaluationData data(options.curves, std::move(table), settings);
  return {options.curves, options.scenario.empty() ? data.services() : data.services_of(options.scenario),
          data.notes()};
}

}  // namespace turbo
