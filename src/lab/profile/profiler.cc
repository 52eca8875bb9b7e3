#include "lab/profile/profiler.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <optional>
#include <ostream>
#include <stdexcept>

#include "core/detection/average_precision.h"
#include "lab/command_line/interrupt.h"
#include "scene/scene.h"

namespace turbo {
namespace {

struct Measured {
  Variant variant;
  std::vector<double> megabits, runtimes_ms;
  AveragePrecision precision;
};

ProfileRow row_of(const Measured& m, bool onvehicle) {
  return {m.variant.config, onvehicle ? 0 : quantile(m.megabits, .9), quantile(m.runtimes_ms, .5),
          m.precision.result().mean};
}

}  // namespace

double quantile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, std::size_t(part * double(values.size())))];
}

std::vector<ProfileRow> profile(const ProfileOptions& options, std::ostream& progress,
                                const std::atomic<bool>& stop) {
  use_one_image_thread();
  Scene scene(options.seed);
  Image frame;
  const MutableImageView view = frame.reshape(Scene::kHeight, Scene::kWidth);
  std::vector<ProfileRow> rows;
  std::optional<Detector> vehicle;
  const auto onvehicle = std::find_if(options.models.begin(), options.models.end(),
                                      [](const ProfiledModel& model) { return model.onvehicle; });
  if (!options.regions.empty()) {
    if (onvehicle == options.models.end())
      throw std::runtime_error(
          "--region: what lies outside is the vehicle's: name its model, --onvehicle NAME=FILE");
    vehicle.emplace(onvehicle->path, DetectorOptions{.device = options.device});
  }
  for (const ProfiledModel& model : options.models) {
    ModelBench bench(model, options.device);
    progress << model.name << " (" << model.path << "): " << options.frames << " frames " << std::flush;
    std::vector<Measured> measured;
    for (const Variant& variant : variants_of(model, options.regions))
      measured.push_back({.variant = variant});
    for (int i = 0; i < options.frames; ++i) {
      if (stop) {
        progress << '\n';
        throw Interrupted("interrupted");
      }
      const double time = i * options.step_s;
      const int camera = options.cameras[std::size_t(i) % options.cameras.size()];
      scene.render(time, camera, view);
      Detections outside;
      if (vehicle && !model.onvehicle) {
        const auto seen = vehicle->detect(view);
        if (!seen.error.empty()) throw std::runtime_error(onvehicle->name + ": " + seen.error);
        outside.assign(seen.detections.begin(), seen.detections.end());
      }
      const auto truth = scene.truth(time, camera);
      bench.take(view);
      for (Measured& m : measured) {
        const auto answer = bench.run(m.variant, outside);
        m.megabits.push_back(answer.megabits);
        m.runtimes_ms.push_back(answer.runtime_ms);
        m.precision.add(answer.detections, truth);
      }
      if (i % 10 == 9) progress << '.' << std::flush;
    }
    for (const Measured& m : measured) rows.push_back(row_of(m, model.onvehicle));
    progress << '\n';
  }
  return rows;
}

void write_model_table(const std::vector<ProfileRow>& rows, std::ostream& out) {
  out << "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n" << std::fixed;
  for (const ProfileRow& r : rows)
    out << format_model_config(r.config) << ',' << std::setprecision(4) << r.size_megabits << ','
        << std::setprecision(2) << r.runtime_ms << ',' << std::setprecision(4) << r.utility << '\n';
}

}  // namespace turbo
