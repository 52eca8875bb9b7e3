#include "lab/profile/scene_evaluation.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "core/detection/average_precision.h"
#include "evaluation/evaluation_writer.h"
#include "evaluation/parallel.h"
#include "lab/command_line/interrupt.h"
#include "lab/command_line/progress.h"
#include "scene/scene.h"

namespace turbo {
namespace {

constexpr double kFrameS = 0.1;

class Scored {
 public:
  void add(const Scored& other) { precision_.add(other.precision_); }
  void add(const Detections& detections, const std::vector<TruthBox>& truth) {
    precision_.add(detections, truth);
  }
  std::optional<double> accuracy() const {
    if (precision_.rightly_empty()) return std::nullopt;
    return precision_.result().mean;
  }

 private:
  AveragePrecision precision_;
};

struct EvaluatedModel {
  ProfiledModel model;
  std::vector<Variant> variants;  // those with data of their own
};

// The vehicle's come first.
std::vector<EvaluatedModel> evaluated_models(const ProfileOptions& options) {
  std::vector<EvaluatedModel> models;
  for (const ProfiledModel& model : options.models) {
    std::vector<Variant> variants = variants_of(model, options.regions);
    std::erase_if(variants, [&](const Variant& v) {
      const bool raw_frame_of_cloud =
          !model.onvehicle && v.whole_frame && v.config.image == Compression::kNone;
      return raw_frame_of_cloud || data_config(v.config) != v.config;
    });
    models.push_back({model, std::move(variants)});
  }
  std::stable_partition(models.begin(), models.end(),
                        [](const EvaluatedModel& each) { return each.model.onvehicle; });
  return models;
}

using FrameScores = std::vector<std::vector<Scored>>;  // [configuration][frame]

FrameScores score_camera(const std::vector<EvaluatedModel>& models, const std::string& device,
                         std::uint64_t seed, int camera, int frames, const std::atomic<bool>& stop,
                         Progress& progress) {
  std::deque<ModelBench> benches;
  FrameScores scores;
  for (const EvaluatedModel& each : models) {
    benches.emplace_back(each.model, device);
    scores.resize(scores.size() + each.variants.size(), std::vector<Scored>(std::size_t(frames)));
  }
  Scene scene(seed);
  Image picture;
  const MutableImageView frame = picture.reshape(Scene::kHeight, Scene::kWidth);
  for (int i = 0; i < frames; ++i) {
    if (stop) throw Interrupted("interrupted");
    const double time = i * kFrameS;
    scene.render(time, camera, frame);
    const auto truth = scene.truth(time, camera);
    Detections of_vehicle;
    std::size_t configuration = 0;
    for (std::size_t m = 0; m < models.size(); ++m) {
      benches[m].take(frame);
      for (const Variant& variant : models[m].variants) {
        auto answer = benches[m].run(variant, of_vehicle);
        scores[configuration++][std::size_t(i)].add(answer.detections, truth);
        if (m == 0) of_vehicle = std::move(answer.detections);
      }
    }
    progress.advance();
  }
  return scores;
}

std::string table_of(std::vector<ProfileRow> table, const std::map<std::string, double>& utilities) {
  for (ProfileRow& row : table) row.utility = utilities.at(format_model_config(data_config(row.config)));
  std::ostringstream text;
  write_model_table(table, text);
  return text.str();
}

}  // namespace

std::unique_ptr<NewEvaluation> prepare_evaluation(const ProfileOptions& options, const EvaluationPlan& plan) {
  if (plan.folder.empty()) throw std::runtime_error("--evaluation: expected a folder's name");
  std::set<std::string> names;
  bool onvehicle = false;
  for (const ProfiledModel& model : options.models) {
    if (!names.insert(model.name).second) throw std::runtime_error("model " + model.name + " stands twice");
    if (!evaluation_can_hold(model.name))
      throw std::runtime_error("model " + model.name +
                               ": evaluation data can't have a model of this name: name it otherwise");
    onvehicle |= model.onvehicle;
  }
  if (!onvehicle)
    throw std::runtime_error("--evaluation: the vehicle's model is part of the data: --onvehicle NAME=FILE");
  std::set<int> cameras;
  for (const int camera : plan.cameras)
    if (!cameras.insert(camera).second)
      throw std::runtime_error("--cameras: " + std::to_string(camera) + " stands twice");
  return std::make_unique<NewEvaluation>(plan.folder);
}

MadeSceneEvaluation make_scene_evaluation(const ProfileOptions& options, const EvaluationPlan& plan,
                                          std::vector<ProfileRow> table, NewEvaluation& place,
                                          const std::atomic<bool>& stop) {
  const auto models = evaluated_models(options);
  const std::size_t cameras = plan.cameras.size(), scenarios = std::size_t(plan.scenarios);
  const std::size_t threads =
      plan.threads > 0 ? std::size_t(plan.threads) : std::max(1u, std::thread::hardware_concurrency());
  std::vector<FrameScores> scores(scenarios * cameras);
  {
    Progress progress("turbo-profile", scores.size() * std::uint64_t(plan.frames));
    in_parallel(scores.size(), threads, [&](std::size_t i) {
      scores[i] = score_camera(models, options.device, options.seed + i / cameras, plan.cameras[i % cameras],
                               plan.frames, stop, progress);
    });
  }
  std::vector<ModelConfig> configs;
  for (const EvaluatedModel& each : models)
    for (const Variant& variant : each.variants) configs.push_back(variant.config);
  const Database database({.memory_limit_bytes = std::size_t{1} << 30});
  std::vector<double> utilities(configs.size());
  std::atomic<std::uint64_t> rows = 0;
  in_parallel(configs.size(), threads, [&](std::size_t k) {
    if (stop) throw Interrupted("interrupted");
    ConfigurationWriter<Scored> writer(database, place.path(), configs[k], kEvaluationWindows, plan.cameras);
    for (std::size_t scenario = 0; scenario < scenarios; ++scenario) {
      std::vector<std::vector<Scored>> frames;
      for (std::size_t c = 0; c < cameras; ++c)
        frames.push_back(std::move(scores[scenario * cameras + c][k]));
      writer.add_scenario(scenario_name("scene", options.seed + scenario), frames);
    }
    rows += writer.finish();
    utilities[k] = writer.accuracy().value_or(1);
  });
  std::map<std::string, double> by_name;
  for (std::size_t k = 0; k < configs.size(); ++k) by_name[format_model_config(configs[k])] = utilities[k];
  return {configs.size() * kEvaluationWindows.size(), rows,
          place.finish(table_of(std::move(table), by_name))};
}

}  // namespace turbo
