#include "lab/profile/profiler.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "core/detection/average_precision.h"
#include "core/detection/region_merge.h"
#include "inference/detector.h"
#include "inference/image_codec.h"
#include "inference/preprocess.h"
#include "inference/region_canvas.h"
#include "scene/scene.h"

namespace turbo {
namespace {

// Of this thread, for on the cpu one thread does it all and others may be busy; of the wall where a device
// works.
double clock_ms(bool own_time) {
  timespec t{};
  clock_gettime(own_time ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return double(t.tv_sec) * 1e3 + double(t.tv_nsec) / 1e6;
}

ImageForm form_of(Compression c) {
  return c == Compression::kNone  ? ImageForm::kRawBgr
         : c == Compression::kPng ? ImageForm::kPng
                                  : ImageForm::kJpeg;
}

struct Measured {
  Variant variant;
  bool sends = true;
  std::vector<double> megabits, runtimes_ms;
  AveragePrecision precision;
};

class Bench {
 public:
  Bench(const ProfiledModel& model, const std::string& device, const std::vector<FrameRegion>& regions)
      : detector_(model.path, {.device = device}), own_time_(device == "cpu") {
    if (model.onvehicle)
      measured_.push_back({.variant = {{.model = model.name}, true},
                           .sends = false,
                           .megabits = {},
                           .runtimes_ms = {},
                           .precision = {}});
    else
      for (const Variant& v : variants_of(model.name, regions))
        measured_.push_back({.variant = v, .megabits = {}, .runtimes_ms = {}, .precision = {}});
  }

  // vehicle: what the on-vehicle model sees, for what a region leaves out.
  void frame(ImageView frame, const std::vector<TruthBox>& truth, const Detections& vehicle) {
    resizer_.resize(frame, resized_.reshape(detector_.height(), detector_.width()));
    for (Measured& m : measured_) one(m, frame, truth, vehicle);
  }

  void report(std::vector<ProfileRow>& rows) const {
    for (const Measured& m : measured_)
      rows.push_back({m.variant.config, m.sends ? quantile(m.megabits, .9) : 0, quantile(m.runtimes_ms, .5),
                      m.precision.result().mean});
  }

 private:
  void one(Measured& m, ImageView frame, const std::vector<TruthBox>& truth, const Detections& vehicle) {
    const ModelConfig& config = m.variant.config;
    const FrameRegion region = config.region.value_or(FrameRegion{});
    const ImageView whole = m.variant.whole_frame ? frame : std::as_const(resized_).view();
    const ImageView image = crop(whole, pixels_of(region, {whole.height, whole.width}));
    const ImageSize input{detector_.height(), detector_.width()};
    const PixelRect target = pixels_of(region, input);
    const Compression compression = config.image != Compression::kNone ? config.image : config.input;
    const ImageForm form = form_of(compression);
    encoded_.resize(ImageCodec::max_encoded_bytes(form, image.height, image.width));
    const Encoded encoded = codec_.encode(image, form, jpeg_quality(compression), encoded_);
    if (!encoded.error.empty()) throw std::runtime_error(format_model_config(config) + ": " + encoded.error);

    const double begin = clock_ms(own_time_);
    const Decoded decoded = codec_.decode(std::span(encoded_).first(encoded.size_bytes), form,
                                          {image.height, image.width}, {target.height, target.width});
    if (!decoded.error.empty()) throw std::runtime_error(format_model_config(config) + ": " + decoded.error);
    detector_.prepare(config.region ? canvas_.place(decoded.image, region, input) : decoded.image);
    const auto outcome = detector_.infer();
    m.runtimes_ms.push_back(clock_ms(own_time_) - begin);
    if (!outcome.error.empty()) throw std::runtime_error(format_model_config(config) + ": " + outcome.error);

    m.megabits.push_back(double(encoded.size_bytes) * 8 / 1e6);
    scale_boxes(outcome.detections, detector_.height(), detector_.width(), frame.height, frame.width);
    if (!config.region) return m.precision.add(outcome.detections, truth);
    const PixelRect part = pixels_of(region, {frame.height, frame.width});
    const Box box{float(part.left), float(part.top), float(part.left + part.width),
                  float(part.top + part.height)};
    m.precision.add(merge_by_region(outcome.detections, vehicle, box), truth);
  }

  Detector detector_;
  const bool own_time_;
  Resizer resizer_;
  ImageCodec codec_;
  RegionCanvas canvas_;
  Image resized_;
  std::vector<std::uint8_t> encoded_;
  std::vector<Measured> measured_;
};

}  // namespace

std::vector<Variant> variants_of(const std::string& model, const std::vector<FrameRegion>& regions) {
  std::vector<Variant> variants = {{{.model = model}, true}, {{.model = model}, false}};
  constexpr Compression kAll[] = {Compression::kJpeg50, Compression::kJpeg75, Compression::kJpeg90,
                                  Compression::kJpeg95, Compression::kPng};
  for (Compression c : kAll) variants.push_back({{.model = model, .image = c}, true});
  for (Compression c : kAll) variants.push_back({{.model = model, .input = c}, false});
  for (const FrameRegion& region : regions)
    for (Compression c : {Compression::kJpeg50, Compression::kJpeg75, Compression::kJpeg90})
      variants.push_back({{.model = model, .input = c, .region = region}, false});
  return variants;
}

double quantile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, std::size_t(part * double(values.size())))];
}

std::vector<ProfileRow> profile(const ProfileOptions& options, std::ostream& progress) {
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
    progress << model.name << " (" << model.path << "): " << options.frames << " frames " << std::flush;
    Bench bench(model, options.device, options.regions);
    for (int i = 0; i < options.frames; ++i) {
      const double time = i * options.step_s;
      const int camera = options.cameras[std::size_t(i) % options.cameras.size()];
      scene.render(time, camera, view);
      Detections outside;
      if (vehicle && !model.onvehicle) {
        const auto seen = vehicle->detect(view);
        if (!seen.error.empty()) throw std::runtime_error(onvehicle->name + ": " + seen.error);
        outside.assign(seen.detections.begin(), seen.detections.end());
      }
      bench.frame(view, scene.truth(time, camera), outside);
      if (i % 10 == 9) progress << '.' << std::flush;
    }
    bench.report(rows);
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
