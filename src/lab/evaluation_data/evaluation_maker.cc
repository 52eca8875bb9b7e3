#include "lab/evaluation_data/evaluation_maker.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>

#include "evaluation/evaluation_layout.h"
#include "evaluation/parallel.h"
#include "lab/command_line/progress.h"
#include "lab/evaluation_data/synthetic_scenario.h"
#include "parquet/parquet_writer.h"

namespace turbo::lab {
namespace {

constexpr std::int64_t kFrameUs = 100'000;
constexpr std::int64_t kFirstUs = 1'500'000'000'000'000;  // of the first scenario, Unix time
constexpr std::int64_t kScenarioApartUs = 3'600'000'000;

// The mean of accuracies; nothing when nothing was to be seen in any.
class Mean {
 public:
  void add(double accuracy) {
    const bool nothing = accuracy == SyntheticScenario::kNothing;
    sum_ += nothing ? 1 : accuracy;
    any_ |= !nothing;
    ++count_;
  }
  void add(const Mean& other) {
    sum_ += other.sum_;
    any_ |= other.any_;
    count_ += other.count_;
  }
  std::optional<double> value() const {
    if (!any_) return std::nullopt;
    return std::min(1.0, sum_ / double(count_));
  }

 private:
  double sum_ = 0;
  std::uint64_t count_ = 0;
  bool any_ = false;
};

struct Frames {
  int first, last;
};

class TableWriter {
 public:
  TableWriter(const Database& database, const std::filesystem::path& file)
      : writer_(database, file,
                {{"context", ColumnType::kString, true},
                 {"camera_id", ColumnType::kInt64, true},
                 {"window_start_idx", ColumnType::kInt64, true},
                 {"window_end_idx", ColumnType::kInt64, true},
                 {"window_start_us", ColumnType::kInt64, true},
                 {"window_end_us", ColumnType::kInt64, true},
                 {"mean_average_precision", ColumnType::kDouble, true}}) {}

  // What is not given is over all of them.
  void row(const std::string& context, int camera, std::int64_t start_us, Frames frames, const Mean& mean) {
    writer_.put(context);
    writer_.put(camera);
    writer_.put(frames.first);
    writer_.put(frames.last);
    writer_.put(start_us + frames.first * kFrameUs);
    writer_.put(start_us + frames.last * kFrameUs);
    accuracy(mean);
  }
  void overall_row(const std::optional<std::string>& context, std::optional<int> camera, const Mean& mean) {
    context ? writer_.put(*context) : writer_.put_null();
    camera ? writer_.put(*camera) : writer_.put_null();
    for (int i = 0; i < 4; ++i) writer_.put_null();
    accuracy(mean);
  }

  std::uint64_t finish() {
    writer_.finish();
    return writer_.rows();
  }

 private:
  void accuracy(const Mean& mean) {
    const auto value = mean.value();
    value ? writer_.put(*value) : writer_.put_null();
    writer_.end_row();
  }
  ParquetWriter writer_;
};

std::string context_name(int scenario) {
  std::string digits = std::to_string(scenario);
  return "synthetic-" + std::string(6 - std::min<std::size_t>(6, digits.size()), '0') + digits;
}

// All window sizes of one configuration.
class ConfigMaker {
 public:
  ConfigMaker(const EvaluationRecipe& recipe, const ModelConfig& config)
      : recipe_(recipe), config_(config), model_(synthetic_model(config.model)) {}

  std::uint64_t make(const Database& database, const std::filesystem::path& folder, Progress& progress) {
    std::vector<TableWriter> tables;
    for (const int size : recipe_.window_sizes)
      tables.emplace_back(database, folder / evaluation_file(config_, size));
    std::vector<Mean> cameras(kSyntheticCameras);
    for (int scenario = 0; scenario < recipe_.scenarios; ++scenario) {
      add_scenario(scenario, tables, cameras);
      progress.advance();
    }
    Mean everything;
    for (const Mean& mean : cameras) everything.add(mean);
    std::uint64_t rows = 0;
    for (TableWriter& table : tables) {
      for (int camera = 1; camera <= kSyntheticCameras; ++camera)
        table.overall_row(std::nullopt, camera, cameras[std::size_t(camera) - 1]);
      table.overall_row(std::nullopt, std::nullopt, everything);
      rows += table.finish();
    }
    return rows;
  }

 private:
  void add_scenario(int number, std::vector<TableWriter>& tables, std::vector<Mean>& cameras) const {
    const SyntheticScenario scenario(recipe_.seed, number, recipe_.frames);
    const std::string context = context_name(number);
    const std::int64_t start_us = kFirstUs + number * kScenarioApartUs;
    Mean whole;
    for (int camera = 1; camera <= kSyntheticCameras; ++camera) {
      const auto accuracies = scenario.accuracies(camera, model_, config_);
      Mean of_camera;
      for (const double accuracy : accuracies) of_camera.add(accuracy);
      for (std::size_t i = 0; i < tables.size(); ++i) {
        add_windows(accuracies, recipe_.window_sizes[i], context, camera, start_us, tables[i]);
        tables[i].overall_row(context, camera, of_camera);
      }
      whole.add(of_camera);
      cameras[std::size_t(camera) - 1].add(of_camera);
    }
    for (TableWriter& table : tables) table.overall_row(context, std::nullopt, whole);
  }

  static void add_windows(const std::vector<double>& accuracies, int size, const std::string& context,
                          int camera, std::int64_t start_us, TableWriter& table) {
    const int frames = int(accuracies.size());
    for (int first = 0; first < frames; first += size) {
      const int last = std::min(first + size, frames) - 1;
      Mean mean;
      for (int i = first; i <= last; ++i) mean.add(accuracies[std::size_t(i)]);
      table.row(context, camera, start_us, {first, last}, mean);
    }
  }

  const EvaluationRecipe& recipe_;
  ModelConfig config_;
  const SyntheticModel& model_;
};

void check(const EvaluationRecipe& recipe, const std::filesystem::path& folder) {
  if (recipe.models.empty() || recipe.models[0] != synthetic_models()[0].name)
    throw std::runtime_error(std::string("the first model must be the on-vehicle one, ") +
                             synthetic_models()[0].name);
  for (std::size_t i = 0; i < recipe.models.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (recipe.models[i] == recipe.models[k])
        throw std::runtime_error("model " + recipe.models[i] + " stands twice");
  if (std::filesystem::exists(folder) &&
      (!std::filesystem::is_directory(folder) || !std::filesystem::is_empty(folder)))
    throw std::runtime_error(folder.string() + " is there already and not an empty folder: name another");
}

}  // namespace

MadeEvaluation make_evaluation(const EvaluationRecipe& recipe, const std::filesystem::path& folder) {
  check(recipe, folder);
  std::vector<ModelConfig> configs;
  for (const std::string& name : recipe.models) {
    const auto own = data_configs(synthetic_model(name), recipe.regions);
    configs.insert(configs.end(), own.begin(), own.end());
    std::filesystem::create_directories(folder / evaluation_folder_name(name));
  }
  const int threads =
      recipe.threads > 0 ? recipe.threads : int(std::max(1u, std::thread::hardware_concurrency()));
  const Database database({.memory_limit_bytes = std::size_t{4} << 30});
  Progress progress("turbo-evaluation", configs.size() * std::uint64_t(recipe.scenarios));
  std::atomic<std::uint64_t> rows = 0;
  in_parallel(configs.size(), std::size_t(threads), [&](std::size_t i) {
    rows += ConfigMaker(recipe, configs[i]).make(database, folder, progress);
  });
  MadeEvaluation made{configs.size() * recipe.window_sizes.size(), rows, folder / "model_info.csv"};
  std::ofstream table(made.model_table);
  table << synthetic_model_table(recipe.models, recipe.regions);
  if (!table.flush()) throw std::runtime_error("writing " + made.model_table.string() + " failed");
  return made;
}

}  // namespace turbo::lab
