#include "lab/evaluation_data/synthetic_scenario.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "scene/dice.h"

namespace turbo::lab {
namespace {

using scene::Dice;

constexpr double kFramesPerSecond = 10;

enum Stream : std::int64_t { kScenario, kShared, kOwn, kDetail, kEmpty, kModel, kCompression, kFrame };

struct CameraKind {
  double skill;        // log odds added to every model's
  double empty_share;  // of its frames
};
// Front, front left, front right, side left, side right: far objects in front, empty pavements at the sides.
constexpr std::array<CameraKind, kSyntheticCameras> kCameras{
    {{-0.10, 0.01}, {0.10, 0.06}, {0.15, 0.07}, {0.05, 0.16}, {0.05, 0.18}}};

double normal(Dice& dice) {
  const double radius = std::sqrt(-2 * std::log(1 - dice.uniform()));
  return radius * std::cos(2 * std::numbers::pi * dice.uniform());
}

// A value a frame that wanders about 0 with a standard deviation of 1 and forgets itself within some seconds.
class Wander {
 public:
  Wander(Dice dice, double memory_s)
      : dice_(dice), keep_(std::exp(-1 / (memory_s * kFramesPerSecond))), value_(normal(dice_)) {}
  double next() {
    const double now = value_;
    value_ = keep_ * value_ + std::sqrt(1 - keep_ * keep_) * normal(dice_);
    return now;
  }

 private:
  Dice dice_;
  double keep_, value_;
};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// In log odds, of the least fragile model on an average frame; a little resolution is lost by resizing first.
double compression_cost(const ModelConfig& config) {
  const bool resized = config.input != Compression::kNone;
  switch (jpeg_quality(resized ? config.input : config.image)) {
    case 50:
      return resized ? 0.16 : 0.10;
    case 75:
      return resized ? 0.08 : 0.05;
    case 90:
      return resized ? 0.03 : 0.02;
    case 95:
      return resized ? 0.015 : 0.01;
    default:
      return 0;
  }
}

// In log odds: what lies outside a region is not seen; most objects stand about the horizon.
double region_cost(const ModelConfig& config) {
  if (!config.region) return 0;
  const double width = config.region->width / 100.0, height = config.region->height / 100.0;
  const double seen = (0.35 + 0.65 * width) * std::min(1.0, height / 0.5);
  return 0.04 + 1.2 * (1 - seen);
}

std::int64_t name_of(const ModelConfig& config) {
  const std::int64_t region = config.region ? config.region->width * 100 + config.region->height : 0;
  return region * 256 + std::int64_t(config.image) * 16 + std::int64_t(config.input);
}

}  // namespace

SyntheticScenario::SyntheticScenario(std::uint64_t seed, int number, int frames)
    : seed_(seed), number_(number), frames_(frames) {
  Dice dice(seed, number, kScenario);
  const double scenario_difficulty = 0.4 * normal(dice);
  std::vector<double> shared;
  Wander together(Dice(seed, number, kShared), 3);
  for (int i = 0; i < frames; ++i) shared.push_back(together.next());
  for (int camera = 0; camera < kSyntheticCameras; ++camera) {
    Course course;
    Wander own(Dice(seed, number, kOwn, camera), 2), detail(Dice(seed, number, kDetail, camera), 4);
    Dice chance(seed, number, kEmpty, camera);
    const double share = kCameras[std::size_t(camera)].empty_share, leave = 1 / (1.5 * kFramesPerSecond);
    bool empty = chance.chance(share);
    for (const double common : shared) {
      course.difficulty.push_back(scenario_difficulty + 0.3 * common + 0.4 * own.next());
      course.detail.push_back(logistic(detail.next()));
      course.empty.push_back(empty);
      empty = chance.chance(empty ? 1 - leave : leave * share / (1 - share));
    }
    courses_.push_back(std::move(course));
  }
}

std::vector<double> SyntheticScenario::accuracies(int camera, const SyntheticModel& model,
                                                  const ModelConfig& config) const {
  const Course& course = courses_[std::size_t(camera) - 1];
  std::int64_t model_name = 0;
  for (const char* c = model.name; *c != '\0'; ++c) model_name = model_name * 131 + *c;
  const std::int64_t who = model_name * 8 + camera;
  Dice of_model(seed_, number_, kModel, who);
  const double level = model.skill + kCameras[std::size_t(camera) - 1].skill + 0.12 * normal(of_model);
  Wander error(of_model, 1);
  Dice of_config(seed_, number_, kCompression, who * 10'000'000 + name_of(config));
  const double cost = compression_cost(config), outside = region_cost(config);
  Wander blocks(of_config, 0.5);
  Dice of_frame(seed_, number_, kFrame, camera);
  std::vector<double> out;
  for (std::size_t i = 0; i < std::size_t(frames_); ++i) {
    const double own_error = error.next(), common_noise = normal(of_frame), alarm = of_model.uniform();
    const double loss = cost * (model.fragility * (0.5 + course.detail[i]) + blocks.next());
    if (course.empty[i])
      out.push_back(alarm < model.false_alarms ? 0 : kNothing);
    else
      out.push_back(logistic(level - course.difficulty[i] + model.sight * (course.detail[i] - 0.5) +
                             0.25 * own_error + 0.1 * common_noise - loss - outside));
  }
  return out;
}

}  // namespace turbo::lab
