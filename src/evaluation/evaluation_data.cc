#include "evaluation/evaluation_data.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <thread>

#include "evaluation/evaluation_rows.h"
#include "evaluation/overall_rows.h"
#include "evaluation/parallel.h"
#include "parquet/printable.h"

namespace turbo {
namespace {

std::size_t thread_count(int wanted) {
  return wanted > 0 ? std::size_t(wanted) : std::max(1u, std::thread::hardware_concurrency());
}

std::string list(const std::vector<int>& numbers) {
  std::string text;
  for (const int number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text;
}

void check(const EvaluationSettings& settings) {
  std::set<int> seen;
  for (const int camera : settings.cameras) {
    if (camera < kFirstCamera || camera > kMotionPredictionService)
      throw std::runtime_error("camera " + std::to_string(camera) +
                               ": expected 1 to 5, or 6 for motion prediction");
    if (!seen.insert(camera).second)
      throw std::runtime_error("camera " + std::to_string(camera) + " stands twice");
  }
  seen.erase(kMotionPredictionService);
  if (seen.empty()) throw std::runtime_error("no camera is chosen; expected at least one of 1 to 5");
  if (settings.memory_limit_bytes < (std::size_t{64} << 20))
    throw std::runtime_error("a memory limit below 64 MiB is too small");
}

}  // namespace

std::vector<int> usual_cameras(const std::filesystem::path& folder) {
  const auto files = list_evaluation_files(folder);
  const auto& [window_size, file] = *files.by_config.begin()->second.rbegin();  // the shortest
  const auto there = read_overall_cameras(Database(), file, window_size);
  std::vector<int> cameras = EvaluationSettings().cameras;
  std::erase_if(cameras, [&](int camera) { return !std::binary_search(there.begin(), there.end(), camera); });
  if (!cameras.empty()) return cameras;
  return there.empty() ? EvaluationSettings().cameras : there;
}

EvaluationData::EvaluationData(const std::filesystem::path& folder, ModelTable table,
                               EvaluationSettings settings)
    : folder_(folder),
      settings_((check(settings), std::move(settings))),
      database_({.memory_limit_bytes = settings_.memory_limit_bytes, .keep_order = false}) {
  for (const int camera : settings_.cameras)
    if (camera != kMotionPredictionService) cameras_.push_back(camera);
  const EvaluationFiles files = list_evaluation_files(folder);
  notes_ = files.notes;
  find_sources(files, table);
  make_columns(std::move(table));
  for (const auto& [window_size, file] : sources_[0].files) window_sizes_.push_back(window_size);
  scenarios_ = read_contexts(database_, sources_[0].files.rbegin()->second);  // the shortest
  expect_same_scenarios();
  if (const std::string fault = fault_in(services()); !fault.empty())
    throw std::runtime_error(folder_.string() + ": " + fault);
}

// Of the shortest files only, which is soon done: what else is wrong with the rows, a check of them all
// finds.
void EvaluationData::expect_same_scenarios() const {
  const auto& first = sources_[0].files.rbegin()->second;
  in_parallel(sources_.size() - 1, thread_count(settings_.threads), [&](std::size_t i) {
    const auto& file = sources_[i + 1].files.rbegin()->second;
    const auto contexts = read_contexts(database_, file);
    if (contexts != scenarios_)
      throw std::runtime_error(file.string() + ": its " + std::to_string(contexts.size()) +
                               " scenarios are not the " + std::to_string(scenarios_.size()) + " of " +
                               first.string() + "; turbo-evaluation check " + folder_.string() +
                               " says what is wrong");
  });
}

// Rows of the table without data are taken out of it, or an error.
void EvaluationData::find_sources(const EvaluationFiles& files, ModelTable& table) {
  const ModelConfig vehicle{.model = settings_.onvehicle_model};
  std::set<std::string> used_models;
  std::vector<std::string> missing;
  const auto add = [&](const ModelConfig& config) {
    const std::string name = format_model_config(data_config(config));
    used_models.insert(config.model);
    for (const Source& source : sources_)
      if (source.config == name) return true;
    const auto found = files.by_config.find(name);
    if (found != files.by_config.end()) sources_.push_back({name, found->second});
    return found != files.by_config.end();
  };
  const auto no_data = [&](const ModelConfig& config) {
    return folder_.string() + ": no data of " + format_model_config(data_config(config)) + ": expected " +
           evaluation_file(data_config(config), 1).string() + " or another window size";
  };
  if (!add(vehicle)) throw std::runtime_error(no_data(vehicle) + "; it is the on-vehicle model");
  std::erase_if(table.rows, [&](const ModelRow& row) {
    if (row.raw_frame || row.config.model == vehicle.model || add(row.config)) return false;
    if (std::string line = no_data(row.config);
        std::find(missing.begin(), missing.end(), line) == missing.end())
      missing.push_back(std::move(line));
    return true;
  });
  if (!missing.empty() && !settings_.leave_out_missing)
    throw std::runtime_error(missing[0] + (missing.size() == 1
                                               ? ""
                                               : "; and of " + std::to_string(missing.size() - 1) +
                                                     " more configurations of " + table.name));
  for (std::size_t i = 0; i < missing.size(); ++i) notes_.push_back(missing[i] + ": left out");
  std::set<std::string> unused;
  for (const auto& [name, by_window] : files.by_config)
    if (const auto config = parse_model_config(name); config && !used_models.contains(config->model))
      unused.insert(config->model);
  for (const std::string& model : unused)
    notes_.push_back(folder_.string() + ": " + evaluation_folder_name(model) + ": no model " + model +
                     " in " + table.name + ": not chosen from");
}

void EvaluationData::make_columns(ModelTable table) {
  for (ModelRow& row : table.rows) row.utility = 0;
  table.has_utility = true;
  Service service;
  service.frames_per_s = settings_.frames_per_s;
  service.options = options_of(table, settings_.onvehicle_model, settings_.frames_per_s);
  add_frame_rates(service, settings_.frame_rates_per_s, settings_.staleness_cost_per_s);
  options_ = std::move(service.options);
  for (const ModelOption& option : options_) {
    const ModelConfig config = *parse_model_config(option.config);
    columns_.push_back({source_of(config), config.frames_per_s});
  }
}

std::size_t EvaluationData::source_of(const ModelConfig& config) const {
  const std::string name = format_model_config(data_config(config));
  const auto found =
      std::find_if(sources_.begin(), sources_.end(), [&](const Source& s) { return s.config == name; });
  return std::size_t(found - sources_.begin());
}

const std::filesystem::path& EvaluationData::file_of(const Source& source, int window_size) const {
  const auto found = source.files.find(window_size);
  if (found != source.files.end()) return found->second;
  std::vector<int> there;
  for (const auto& [size, file] : source.files) there.push_back(size);
  throw std::runtime_error(
      (folder_ / evaluation_file(*parse_model_config(source.config), window_size)).string() +
      ": missing; there are window sizes " + list(there));
}

void EvaluationData::expect_scenarios(std::span<const std::string> scenarios) const {
  std::set<std::string_view> seen;
  for (const std::string& scenario : scenarios) {
    if (!seen.insert(scenario).second)
      throw std::runtime_error(folder_.string() + ": scenario " + printable(scenario) +
                               " is asked for twice");
    if (!std::binary_search(scenarios_.begin(), scenarios_.end(), scenario))
      throw std::runtime_error(folder_.string() + ": no scenario " + printable(scenario) + " among the " +
                               std::to_string(scenarios_.size()) + " there; turbo-evaluation list " +
                               folder_.string() + " names them");
  }
}

std::uint64_t EvaluationData::rows() const {
  std::uint64_t rows = 0;
  for (const Source& source : sources_)
    for (const auto& [window_size, file] : source.files) rows += count_rows(database_, file);
  return rows;
}

// Without an index: of all contexts, a camera each. From the smallest windows' file that has it.
EvaluationData::Accuracies EvaluationData::overall(const SeriesIndex* index) const {
  Accuracies accuracies(sources_.size());
  in_parallel(sources_.size(), thread_count(settings_.threads), [&](std::size_t i) {
    std::vector<std::optional<double>> found(index ? index->size() : cameras_.size());
    for (const auto& [window_size, file] : sources_[i].files) {
      const auto here = index ? read_overall(database_, file, window_size, *index)
                              : read_overall(database_, file, window_size, cameras_);
      for (std::size_t k = 0; k < found.size(); ++k)
        if (!found[k]) found[k] = here[k];
      if (std::all_of(found.begin(), found.end(), [](const auto& value) { return value.has_value(); })) break;
    }
    for (std::size_t k = 0; k < found.size(); ++k) {
      if (!found[k])
        throw std::runtime_error(
            sources_[i].files.begin()->second.string() + ": no row over all frames of " +
            (index ? index->describe(k) : "all contexts, camera " + std::to_string(cameras_[k])));
      accuracies[i].push_back(*found[k]);
    }
  });
  return accuracies;
}

double EvaluationData::utility(const Column& column, const Accuracies& accuracies, std::size_t place) const {
  const double every_frame = accuracies[column.source][place];
  if (column.frames_per_s <= 0) return every_frame;
  return utility_at_rate(every_frame, accuracies[0][place], column.frames_per_s, settings_.frames_per_s,
                         settings_.staleness_cost_per_s);
}

std::vector<Service> EvaluationData::services_from(const Accuracies& accuracies, std::size_t first) const {
  std::vector<Service> services;
  for (const int camera : settings_.cameras) {
    if (camera == kMotionPredictionService) {
      services.push_back(settings_.motion_prediction);
      services.back().id = camera;
      services.back().frames_per_s = settings_.frames_per_s;
      continue;
    }
    Service service;
    service.id = camera;
    service.slo_ms = settings_.slo_ms;
    service.frames_per_s = settings_.frames_per_s;
    service.options = options_;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      service.options[i].utility = utility(columns_[i], accuracies, first);
    ++first;
    services.push_back(std::move(service));
  }
  return services;
}

std::vector<Service> EvaluationData::services() const { return services_from(overall(nullptr), 0); }

std::vector<Service> EvaluationData::services_of(const std::string& scenario) const {
  return services_of({&scenario, 1}).front();
}

std::vector<std::vector<Service>> EvaluationData::services_of(std::span<const std::string> scenarios) const {
  expect_scenarios(scenarios);
  const SeriesIndex index(scenarios, cameras_, scenarios.size() == scenarios_.size());
  const Accuracies accuracies = overall(&index);
  std::vector<std::vector<Service>> services;
  for (std::size_t i = 0; i < scenarios.size(); ++i)
    services.push_back(services_from(accuracies, index.at(i, 0)));
  return services;
}

UtilityTimeline EvaluationData::timeline(const std::string& scenario, int window_size) const {
  return std::move(timelines({&scenario, 1}, window_size).front());
}

std::vector<UtilityTimeline> EvaluationData::timelines(std::span<const std::string> scenarios,
                                                       int window_size) const {
  expect_scenarios(scenarios);
  const SeriesIndex index(scenarios, cameras_, scenarios.size() == scenarios_.size());
  std::vector<const std::filesystem::path*> files;
  for (const Source& source : sources_) files.push_back(&file_of(source, window_size));
  const auto reference = read_series(database_, *files[0], window_size, index);
  for (std::size_t i = 0; i < reference.size(); ++i)
    if (reference[i].empty())
      throw std::runtime_error(files[0]->string() + ": " + index.describe(i) + ": no windows");
  SeriesValues values(sources_.size());
  in_parallel(sources_.size(), thread_count(settings_.threads), [&](std::size_t i) {
    std::vector<WindowSeries> own;
    if (i > 0) {
      own = read_series(database_, *files[i], window_size, index);
      expect_same_windows(own, *files[i], reference, *files[0], index);
    }
    for (const WindowSeries& series : i > 0 ? own : reference) {
      auto& accuracies = values[i].emplace_back();
      for (const WindowValue& value : series) accuracies.push_back(value.accuracy);
    }
  });
  std::vector<UtilityTimeline> timelines;
  for (std::size_t i = 0; i < scenarios.size(); ++i)
    timelines.push_back(join(index, i, window_size, reference, values));
  return timelines;
}

// One scenario of what was read: a row a window that every camera has.
UtilityTimeline EvaluationData::join(const SeriesIndex& index, std::size_t scenario, int window_size,
                                     const std::vector<WindowSeries>& reference,
                                     const SeriesValues& values) const {
  UtilityTimeline timeline{index.scenario(scenario), window_size, {}, {}};
  std::vector<std::size_t> at(cameras_.size(), 0);  // each camera's place in its series
  Accuracies now(sources_.size(), std::vector<double>(cameras_.size()));
  for (const WindowValue& first : reference[index.at(scenario, 0)]) {
    const auto key = [](const UtilityWindow& w) { return std::pair(w.start_idx, w.end_idx); };
    bool everywhere = true;
    for (std::size_t c = 0; c < cameras_.size(); ++c) {
      const WindowSeries& series = reference[index.at(scenario, c)];
      while (at[c] < series.size() && key(series[at[c]].window) < key(first.window)) ++at[c];
      everywhere &= at[c] < series.size() && key(series[at[c]].window) == key(first.window);
    }
    if (!everywhere) continue;
    for (std::size_t source = 0; source < sources_.size(); ++source)
      for (std::size_t c = 0; c < cameras_.size(); ++c)
        now[source][c] = values[source][index.at(scenario, c)][at[c]];
    timeline.windows.push_back(first.window);
    timeline.utilities.push_back(row_from(now));
  }
  if (timeline.windows.empty())
    throw std::runtime_error(sources_[0].files.at(window_size).string() + ": context " + timeline.scenario +
                             ": no window that cameras " + list(cameras_) + " have in common");
  return timeline;
}

std::vector<double> EvaluationData::row_from(const Accuracies& now) const {
  std::vector<double> row;
  std::size_t camera = 0;
  for (const int service : settings_.cameras) {
    if (service == kMotionPredictionService)
      for (const ModelOption& option : settings_.motion_prediction.options) row.push_back(option.utility);
    else {
      for (const Column& column : columns_) row.push_back(utility(column, now, camera));
      ++camera;
    }
  }
  return row;
}

std::size_t EvaluationData::scenarios_a_batch(int window_size) const {
  const double rows = double(count_rows(database_, file_of(sources_[0], window_size)));
  const double a_scenario = rows / double(std::max<std::size_t>(1, scenarios_.size()));
  const double bytes = a_scenario * (2.0 * sizeof(double) * double(sources_.size() + columns_.size()) +
                                     2.0 * sizeof(WindowValue) * double(thread_count(settings_.threads) + 1));
  return std::max<std::size_t>(1, std::size_t(double(settings_.memory_limit_bytes) / std::max(1.0, bytes)));
}

void EvaluationData::for_each_timeline(int window_size,
                                       const std::function<void(UtilityTimeline)>& each) const {
  const std::size_t batch = scenarios_a_batch(window_size);
  const std::span<const std::string> all = scenarios_;
  for (std::size_t first = 0; first < all.size(); first += batch)
    for (UtilityTimeline& timeline :
         timelines(all.subspan(first, std::min(batch, all.size() - first)), window_size))
      each(std::move(timeline));
}

}  // namespace turbo
