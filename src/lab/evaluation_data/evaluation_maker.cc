#include "lab/evaluation_data/evaluation_maker.h"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <thread>

#include "evaluation/evaluation_writer.h"
#include "evaluation/new_evaluation.h"
#include "evaluation/parallel.h"
#include "lab/command_line/interrupt.h"
#include "lab/command_line/progress.h"
#include "lab/evaluation_data/synthetic_scenario.h"

namespace turbo::lab {
namespace {

// The mean of accuracies; nothing when nothing was to be seen in any.
class Mean {
 public:
  Mean() = default;
  explicit Mean(double accuracy) : count_(1) {
    any_ = accuracy != SyntheticScenario::kNothing;
    sum_ = any_ ? accuracy : 1;
  }
  void add(const Mean& other) {
    sum_ += other.sum_;
    any_ |= other.any_;
    count_ += other.count_;
  }
  std::optional<double> accuracy() const {
    if (!any_) return std::nullopt;
    return std::min(1.0, sum_ / double(count_));
  }

 private:
  double sum_ = 0;
  std::uint64_t count_ = 0;
  bool any_ = false;
};

// Returns the rows.
std::uint64_t make_configuration(const EvaluationRecipe& recipe, const ModelConfig& config,
                                 const Database& database, const std::filesystem::path& folder,
                                 const std::atomic<bool>& stop, Progress& progress) {
  constexpr std::array kCameras{1, 2, 3, 4, 5};
  static_assert(kCameras.size() == kSyntheticCameras);
  const SyntheticModel& model = synthetic_model(config.model);
  ConfigurationWriter<Mean> writer(database, folder, config, recipe.window_sizes, kCameras);
  std::vector<std::vector<Mean>> frames(kCameras.size());
  for (int number = 0; number < recipe.scenarios; ++number) {
    if (stop) throw Interrupted("interrupted");
    const SyntheticScenario scenario(recipe.seed, number, recipe.frames);
    for (std::size_t i = 0; i < kCameras.size(); ++i) {
      const auto accuracies = scenario.accuracies(kCameras[i], model, config);
      frames[i] = std::vector<Mean>(accuracies.begin(), accuracies.end());
    }
    writer.add_scenario(scenario_name("synthetic", std::uint64_t(number)), frames);
    progress.advance();
  }
  return writer.finish();
}

void check(const EvaluationRecipe& recipe) {
  if (recipe.models.empty() || recipe.models[0] != synthetic_models()[0].name)
    throw std::runtime_error(std::string("the first model must be the on-vehicle one, ") +
                             synthetic_models()[0].name);
  for (std::size_t i = 0; i < recipe.models.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (recipe.models[i] == recipe.models[k])
        throw std::runtime_error("model " + recipe.models[i] + " stands twice");
}

}  // namespace

MadeEvaluation make_evaluation(const EvaluationRecipe& recipe, const std::filesystem::path& folder,
                               const std::atomic<bool>& stop) {
  check(recipe);
  std::vector<ModelConfig> configs;
  for (const std::string& name : recipe.models) {
    const auto own = data_configs(synthetic_model(name), recipe.regions);
    configs.insert(configs.end(), own.begin(), own.end());
  }
  const int threads =
      recipe.threads > 0 ? recipe.threads : int(std::max(1u, std::thread::hardware_concurrency()));
  NewEvaluation made(folder);
  const Database database({.memory_limit_bytes = std::size_t{4} << 30});
  Progress progress("turbo-evaluation", configs.size() * std::uint64_t(recipe.scenarios));
  std::atomic<std::uint64_t> rows = 0;
  in_parallel(configs.size(), std::size_t(threads), [&](std::size_t i) {
    rows += make_configuration(recipe, configs[i], database, made.path(), stop, progress);
  });
  return {configs.size() * recipe.window_sizes.size(), rows,
          made.finish(synthetic_model_table(recipe.models, recipe.regions))};
}

}  // namespace turbo::lab
