#include "lab/profile/model_bench.h"

#include <time.h>

#include <stdexcept>
#include <utility>

#include "core/detection/region_merge.h"

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

void expect_none(const std::string& error, const ModelConfig& config) {
  if (!error.empty()) throw std::runtime_error(format_model_config(config) + ": " + error);
}

}  // namespace

std::vector<Variant> variants_of(const ProfiledModel& model, const std::vector<FrameRegion>& regions) {
  const std::string& name = model.name;
  std::vector<Variant> variants = {{{.model = name}, true}};
  if (model.onvehicle) return variants;
  variants.push_back({{.model = name}, false});
  constexpr Compression kAll[] = {Compression::kJpeg50, Compression::kJpeg75, Compression::kJpeg90,
                                  Compression::kJpeg95, Compression::kPng};
  for (Compression c : kAll) variants.push_back({{.model = name, .image = c}, true});
  for (Compression c : kAll) variants.push_back({{.model = name, .input = c}, false});
  for (const FrameRegion& region : regions)
    for (Compression c : {Compression::kJpeg50, Compression::kJpeg75, Compression::kJpeg90})
      variants.push_back({{.model = name, .input = c, .region = region}, false});
  return variants;
}

ModelBench::ModelBench(const ProfiledModel& model, const std::string& device)
    : detector_(model.path, {.device = device}), own_time_(device == "cpu") {}

void ModelBench::take(ImageView frame) {
  frame_ = frame;
  resizer_.resize(frame, resized_.reshape(detector_.height(), detector_.width()));
}

ModelBench::Answer ModelBench::run(const Variant& variant, const Detections& outside) {
  const ModelConfig& config = variant.config;
  const FrameRegion region = config.region.value_or(FrameRegion{});
  const ImageView whole = variant.whole_frame ? frame_ : std::as_const(resized_).view();
  const ImageView image = crop(whole, pixels_of(region, {whole.height, whole.width}));
  const ImageSize input{detector_.height(), detector_.width()};
  const PixelRect target = pixels_of(region, input);
  const Compression compression = config.image != Compression::kNone ? config.image : config.input;
  const ImageForm form = form_of(compression);
  encoded_.resize(ImageCodec::max_encoded_bytes(form, image.height, image.width));
  const Encoded encoded = codec_.encode(image, form, jpeg_quality(compression), encoded_);
  expect_none(encoded.error, config);

  const double begin = clock_ms(own_time_);
  const Decoded decoded = codec_.decode(std::span(encoded_).first(encoded.size_bytes), form,
                                        {image.height, image.width}, {target.height, target.width});
  expect_none(decoded.error, config);
  detector_.prepare(config.region ? canvas_.place(decoded.image, region, input) : decoded.image);
  const auto outcome = detector_.infer();
  const double end = clock_ms(own_time_);
  expect_none(outcome.error, config);

  scale_boxes(outcome.detections, detector_.height(), detector_.width(), frame_.height, frame_.width);
  Answer answer{double(encoded.size_bytes) * 8 / 1e6, end - begin, {}};
  if (config.region) {
    const PixelRect part = pixels_of(region, {frame_.height, frame_.width});
    const Box box{float(part.left), float(part.top), float(part.left + part.width),
                  float(part.top + part.height)};
    answer.detections = merge_by_region(outcome.detections, outside, box);
  } else {
    answer.detections.assign(outcome.detections.begin(), outcome.detections.end());
  }
  return answer;
}

}  // namespace turbo
