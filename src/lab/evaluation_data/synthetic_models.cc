#include "lab/evaluation_data/synthetic_models.h"

#include <array>
#include <cstdio>
#include <stdexcept>

namespace turbo::lab {
namespace {

constexpr double kFramePixels = 1920.0 * 1280.0;
constexpr std::array kQualities{Compression::kJpeg50, Compression::kJpeg75, Compression::kJpeg90,
                                Compression::kJpeg95};

// Bits a pixel; a resized picture is smoother than the frame it comes from.
double bits_per_pixel(Compression compression, bool resized) {
  const double share = resized ? 0.83 : 1;
  switch (compression) {
    case Compression::kNone:
      return 24;
    case Compression::kJpeg50:
      return 0.77 * share;
    case Compression::kJpeg75:
      return 1.14 * share;
    case Compression::kJpeg90:
      return 2.0 * share;
    case Compression::kJpeg95:
      return 2.75 * share;
    case Compression::kPng:
      return resized ? 10 : 13.8;
  }
  return 24;
}

double decode_ms(Compression compression, double pixels) {
  if (compression == Compression::kNone) return 0;
  return (compression == Compression::kPng ? 90e-6 : 16e-6) * pixels;
}

std::vector<ModelConfig> region_configs(const SyntheticModel& model) {
  std::vector<ModelConfig> configs;
  for (const FrameRegion& region : kSyntheticRegions)
    for (const Compression quality : {Compression::kJpeg50, Compression::kJpeg75})
      configs.push_back({.model = model.name, .input = quality, .region = region});
  return configs;
}

std::string row(const ModelConfig& config, double megabits, double runtime_ms) {
  std::array<char, 160> text;
  std::snprintf(text.data(), text.size(), "%s,%.2f,%.1f\n", format_model_config(config).c_str(), megabits,
                runtime_ms);
  return text.data();
}

}  // namespace

const std::vector<SyntheticModel>& synthetic_models() {
  static const std::vector<SyntheticModel> models = {
      {.name = "edd1",
       .input_size = 640,
       .server_ms = 30,
       .skill = -1.60,
       .sight = 0.0,
       .false_alarms = 0.20,
       .fragility = 2.5,
       .on_vehicle = true},
      {.name = "edd2",
       .input_size = 768,
       .server_ms = 35,
       .skill = -1.15,
       .sight = 0.3,
       .false_alarms = 0.16,
       .fragility = 2.0},
      {.name = "edd4",
       .input_size = 1024,
       .server_ms = 45,
       .skill = -0.75,
       .sight = 0.7,
       .false_alarms = 0.13,
       .fragility = 1.6},
      {.name = "edd6",
       .input_size = 1280,
       .server_ms = 72,
       .skill = -0.55,
       .sight = 1.0,
       .false_alarms = 0.11,
       .fragility = 1.3},
      {.name = "edd7x",
       .input_size = 1536,
       .server_ms = 115,
       .skill = -0.40,
       .sight = 1.2,
       .false_alarms = 0.10,
       .fragility = 1.0},
  };
  return models;
}

const SyntheticModel& synthetic_model(const std::string& name) {
  std::string known;
  for (const SyntheticModel& model : synthetic_models()) {
    if (model.name == name) return model;
    known.append(known.empty() ? "" : ", ").append(model.name);
  }
  throw std::runtime_error("no synthetic model " + name.substr(0, 64) + "; there are " + known);
}

std::vector<ModelConfig> data_configs(const SyntheticModel& model, bool regions) {
  std::vector<ModelConfig> configs{{.model = model.name}};
  if (model.on_vehicle) return configs;
  for (const Compression quality : kQualities) configs.push_back({.model = model.name, .image = quality});
  for (const Compression quality : kQualities) configs.push_back({.model = model.name, .input = quality});
  if (!regions) return configs;
  const auto of_regions = region_configs(model);
  configs.insert(configs.end(), of_regions.begin(), of_regions.end());
  return configs;
}

std::string synthetic_model_table(const std::vector<std::string>& models, bool regions) {
  std::string text = "Model,Network Transport Size [Mb],Runtime [ms]\n";
  for (const std::string& name : models) {
    const SyntheticModel& model = synthetic_model(name);
    if (model.on_vehicle) {
      text += row({.model = name}, 0, model.server_ms);
      continue;
    }
    const double input_pixels = double(model.input_size) * model.input_size;
    const auto add = [&](Compression compression, bool resized) {
      ModelConfig config{.model = name};
      (resized ? config.input : config.image) = compression;
      const double pixels = resized ? input_pixels : kFramePixels;
      text += row(config, pixels * bits_per_pixel(compression, resized) / 1e6,
                  model.server_ms + decode_ms(compression, pixels) + (resized ? 12e-6 * pixels : 0));
    };
    for (const bool resized : {false, true}) {
      add(Compression::kNone, resized);
      add(Compression::kPng, resized);
      for (const Compression quality : kQualities) add(quality, resized);
    }
    if (!regions) continue;
    for (const ModelConfig& config : region_configs(model)) {
      const double pixels = input_pixels * config.region->width * config.region->height / 1e4;
      text += row(config, pixels * bits_per_pixel(config.input, true) / 1e6,
                  model.server_ms + decode_ms(config.input, pixels) + 12e-6 * pixels);
    }
  }
  return text;
}

}  // namespace turbo::lab
