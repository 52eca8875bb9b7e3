#include "lab/experiments/data.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <stdexcept>

#include "evaluation/evaluation_data.h"
#include "evaluation/model_table_file.h"
#include "lab/experiments/identity.h"
#include "lab/experiments/named_utilities.h"
#include "lab/service_set/number_option.h"
#include "lab/service_set/service_source.h"

namespace turbo::experiments {
namespace {

constexpr double kNoCarryingForward = std::numeric_limits<double>::infinity();

ModelTable load_table(const DataOptions& options) {
  if (!options.scenarios.empty() && options.evaluation.empty())
    throw std::invalid_argument("--scenario names one of --evaluation, which is missing");
  std::string path = options.table;
  std::error_code error;
  if (!options.evaluation.empty() && !std::filesystem::is_directory(options.evaluation, error))
    throw std::invalid_argument(options.evaluation + ": no such folder");
  if (path.empty() && !options.evaluation.empty()) path = options.evaluation + "/model_info.csv";
  if (path.empty())
    throw std::invalid_argument("nothing to decide about: name a folder of evaluation data or a model table");
  ModelTable table = read_model_table(path, "name a model table with --table");
  if (!options.utilities.empty()) give_utilities(table, options.utilities);
  return table;
}

std::vector<int> cameras_of(const DataOptions& options) {
  if (!options.cameras.empty()) return options.cameras;
  return options.evaluation.empty() ? std::vector<int>{1, 2, 3} : usual_cameras(options.evaluation);
}

std::vector<Service> services_of(const DataOptions& options, const ModelTable& table,
                                 const std::string& onvehicle_model) {
  std::vector<Service> services;
  for (const int id : cameras_of(options)) {
    if (id == kMotionPredictionService) {
      services.push_back(published_motion_prediction(options.frames_per_s));
      continue;
    }
    Service service{.id = id,
                    .options = options_of(table, onvehicle_model, options.frames_per_s),
                    .frames_per_s = options.frames_per_s};
    add_frame_rates(service, options.frame_rates, kNoCarryingForward);
    services.push_back(std::move(service));
  }
  return services;
}

// Those that the options name, in the order of the data.
std::vector<std::string> chosen(const DataOptions& options, const std::vector<std::string>& names) {
  for (const std::string& name : options.scenarios)
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw std::invalid_argument("--scenario " + name.substr(0, 100) + ": no such scenario in " +
                                  options.evaluation + "; turbo-evaluation list " + options.evaluation +
                                  " names those there are");
  std::vector<std::string> kept;
  for (const std::string& name : names)
    if (std::find(options.scenarios.begin(), options.scenarios.end(), name) != options.scenarios.end())
      kept.push_back(name);
  return kept;
}

// As the other tools read it: X for all, ID=X for one.
std::map<int, double> by_service(const std::string& option, const std::vector<std::string>& texts,
                                 const NumberRange& range, double otherwise,
                                 const std::vector<Service>& services) {
  std::map<int, double> values;
  if (texts.empty()) return values;
  std::string text;
  for (const std::string& part : texts) text += (text.empty() ? "" : ",") + part;
  std::vector<int> ids;
  for (const Service& service : services) ids.push_back(service.id);
  const auto numbers = per_service(option, text, ids, std::vector<double>(ids.size(), otherwise), range);
  for (std::size_t i = 0; i < ids.size(); ++i) values.emplace(ids[i], numbers[i]);
  return values;
}

}  // namespace

ExperimentData::~ExperimentData() = default;

ExperimentData::ExperimentData(const DataOptions& options, const Shard& shard) {
  try {
    ModelTable table = load_table(options);
    const std::string onvehicle_model =
        options.onvehicle_model.empty() ? onvehicle_model_of(table) : options.onvehicle_model;
    std::vector<std::string> names{"table"};
    if (options.evaluation.empty()) {
      global_ = services_of(options, table, onvehicle_model);
    } else {
      evaluation_ =
          std::make_unique<EvaluationData>(options.evaluation, std::move(table),
                                           EvaluationSettings{.onvehicle_model = onvehicle_model,
                                                              .cameras = cameras_of(options),
                                                              .frames_per_s = options.frames_per_s,
                                                              .frame_rates_per_s = options.frame_rates});
      notes_ = evaluation_->notes();
      global_ = evaluation_->services();
      names = evaluation_->scenarios();
    }
    weights_ = by_service("--weights", options.weights, {0.01, 100, ""}, 1, global_);
    floors_ = by_service("--min-utility", options.floors, {0, 1, ""}, 0, global_);
    adjust(global_);
    if (const std::string fault = fault_in(global_); !fault.empty()) throw std::invalid_argument(fault);
    if (!options.scenarios.empty()) names = chosen(options, names);
    if (options.most_scenarios > names.size())
      notes_.push_back("--scenarios " + std::to_string(options.most_scenarios) + ": there are only " +
                       std::to_string(names.size()) + ", all of which are taken");
    if (options.most_scenarios > 0 && names.size() > options.most_scenarios)
      names.resize(options.most_scenarios);
    identity_ = fingerprint(names, global_);
    for (std::size_t i = 0; i < names.size(); ++i)
      if (shard.holds(i)) scenarios_.push_back(names[i]);
    if (scenarios_.empty())
      notes_.push_back("shard " + std::to_string(shard.index) + "/" + std::to_string(shard.count) +
                       " is empty: there are only " + std::to_string(names.size()) +
                       " scenarios; its results have no rows");
  } catch (const std::runtime_error& error) {
    throw std::invalid_argument(error.what());
  }
}

std::vector<ScenarioData> ExperimentData::load(std::span<const std::string> scenarios,
                                               std::span<const int> window_sizes) const {
  std::vector<ScenarioData> all;
  for (const std::string& name : scenarios) all.push_back({.name = name, .global = global_, .own = global_});
  if (!evaluation_) return all;
  try {
    const auto own = evaluation_->services_of(scenarios);
    const auto frames = evaluation_->timelines(scenarios, 1);
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].own = own[i];
      adjust(all[i].own);
      all[i].frames = frames[i];
      all[i].windows[1] = frames[i];
    }
    for (const int size : window_sizes) {
      if (size == 1) continue;
      const auto windows = evaluation_->timelines(scenarios, size);
      for (std::size_t i = 0; i < all.size(); ++i) all[i].windows[size] = windows[i];
    }
  } catch (const std::runtime_error& error) {
    throw std::invalid_argument(error.what());
  }
  return all;
}

void ExperimentData::adjust(std::vector<Service>& services) const {
  for (Service& service : services) {
    if (const auto weight = weights_.find(service.id); weight != weights_.end())
      service.weight = weight->second;
    if (const auto floor = floors_.find(service.id); floor != floors_.end())
      service.min_utility = floor->second;
  }
}

}  // namespace turbo::experiments
