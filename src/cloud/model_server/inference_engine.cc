#include "cloud/model_server/inference_engine.h"

#include <algorithm>
#include <chrono>

#include "inference/preprocess.h"

namespace turbo {
namespace {

Time now() { return std::chrono::steady_clock::now(); }

ModelServerResponse failed(std::string why) {
  ModelServerResponse response;
  response.status = Status::kFailed;
  response.error = std::move(why);
  return response;
}

// The best rows, where a model gives more than a message carries.
Detections strongest(std::span<Detection> rows) {
  const auto by_score = [](const Detection& a, const Detection& b) { return a.score > b.score; };
  const std::size_t count = std::min(rows.size(), kMaxDetections);
  if (count < rows.size())
    std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end(), by_score);
  return {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count)};
}

// Empty if the image is the region's, cut out of the camera's frame or of the model's input.
std::string fault_in_region(const ModelServerRequest& request, const FrameRegion& region,
                            const ImageSize& input) {
  const ImageSize frame{static_cast<int>(request.frame_height), static_cast<int>(request.frame_width)};
  const PixelRect of_frame = pixels_of(region, frame), of_input = pixels_of(region, input);
  const auto is = [&](const PixelRect& part) {
    return static_cast<int>(request.height) == part.height && static_cast<int>(request.width) == part.width;
  };
  if (is(of_frame) || is(of_input)) return {};
  const auto size = [](int height, int width) {
    return std::to_string(height) + " x " + std::to_string(width);
  };
  return request.model_config + ": the region has " + size(of_frame.height, of_frame.width) +
         " pixels of the frame, " + size(of_input.height, of_input.width) +
         " of the model's input; the image has " +
         size(static_cast<int>(request.height), static_cast<int>(request.width));
}

}  // namespace

InferenceEngine::InferenceEngine(const std::vector<ServerModel>& models, const std::string& device)
    : device_(device) {
  for (const auto& model : models) {
    DetectorOptions options{
        .device = device, .height = model.image_size.height, .width = model.image_size.width};
    options.classes = std::min(model.num_classes, kObjectClasses);  // a message carries no other labels
    detectors_.emplace(std::piecewise_construct, std::forward_as_tuple(model.base_model),
                       std::forward_as_tuple(model.checkpoint_path, options));
  }
}

std::string InferenceEngine::description() const {
  std::string text;
  for (const auto& [name, detector] : detectors_)
    text += (text.empty() ? "" : ", ") + name + " (" + std::to_string(detector.height()) + " x " +
            std::to_string(detector.width()) + ")";
  return text + " on " + device_;
}

Detector* InferenceEngine::find(const ModelConfig& config, std::string& error) {
  if (const auto found = detectors_.find(config.model); found != detectors_.end()) return &found->second;
  error = "no model " + config.model + " here, only " + description();
  return nullptr;
}

ModelServerResponse InferenceEngine::answer(const ModelServerRequest& request,
                                            std::span<const std::uint8_t> payload) {
  std::string error;
  const auto config = parse_model_config(request.model_config, &error);
  Detector* const detector = config ? find(*config, error) : nullptr;
  if (!detector) return failed(error);
  const ImageSize input{detector->height(), detector->width()};
  // How far a JPEG may be shrunk while it is decoded: to what becomes of it here.
  ImageSize target = input;
  if (config->region) {
    if (error = fault_in_region(request, *config->region, input); !error.empty()) return failed(error);
    const PixelRect part = pixels_of(*config->region, input);
    target = {part.height, part.width};
  }

  const Time begin = now();
  const ImageSize announced{static_cast<int>(request.height), static_cast<int>(request.width)};
  const auto decoded = codec_.decode(payload, request.form, announced, target);
  if (!decoded.error.empty()) return failed(decoded.error);
  detector->prepare(config->region ? canvas_.place(decoded.image, *config->region, input) : decoded.image);
  const Time prepared = now();
  const auto outcome = detector->infer();
  const Time end = now();
  if (!outcome.error.empty()) return failed(request.model_config + ": " + outcome.error);

  scale_boxes(outcome.detections, detector->height(), detector->width(),
              static_cast<int>(request.frame_height), static_cast<int>(request.frame_width));
  ModelServerResponse response;
  response.detections = strongest(outcome.detections);
  response.preprocessing_s = seconds(prepared - begin);
  response.inference_s = seconds(end - prepared);
  return response;
}

}  // namespace turbo
