#include "inference/detector.h"

#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "inference/image.h"
#include "inference/preprocess.h"

#if defined(__SANITIZE_ADDRESS__)
// ONNX Runtime leaves a few bytes of its own behind at exit.
extern "C" {
const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() { return "leak:libonnxruntime"; }
const char* __lsan_default_options();
const char* __lsan_default_options() { return "print_suppressions=0"; }
}
#endif

namespace turbo {
namespace {

constexpr int kMaxSide = 8192;
constexpr int kMaxRows = 100'000;
constexpr std::int64_t kRowValues = 6;

// ONNX Runtime's messages carry source paths and several lines; the first is enough.
std::string first_line(const char* text) {
  std::string line(text);
  line.resize(std::min(line.find('\n'), line.size()));
  constexpr std::string_view kCode = "[ONNXRuntimeError] : ";  // before it: source file, line, function
  if (const auto at = line.find(kCode); at != std::string::npos) line.erase(0, at + kCode.size());
  if (line.size() > 300) line.resize(300);
  return line;
}

// Empty for the cpu, else the number of the CUDA device.
std::optional<int> cuda_device(const std::string& device) {
  if (device == "cpu") return {};
  constexpr std::string_view kPrefix = "cuda:";
  int number = -1;
  if (device.starts_with(kPrefix)) {
    const char* end = device.data() + device.size();
    const auto parsed = std::from_chars(device.data() + kPrefix.size(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end && number >= 0) return number;
  }
  throw std::runtime_error("device " + device + ": not a device; write cpu or cuda:N");
}

std::runtime_error no_cuda_provider(const std::string& device) {
  return std::runtime_error("device " + device +
                            ": this ONNX Runtime has no CUDA provider; use a GPU build through "
                            "TURBO_ONNXRUNTIME_LIBRARY, or device: cpu");
}

void append_cuda(Ort::SessionOptions& session, const std::string& device, int number) {
  const auto providers = Ort::GetAvailableProviders();
  if (std::find(providers.begin(), providers.end(), "CUDAExecutionProvider") == providers.end())
    throw no_cuda_provider(device);
  const OrtApi& api = Ort::GetApi();
  try {
    OrtCUDAProviderOptionsV2* options = nullptr;
    Ort::ThrowOnError(api.CreateCUDAProviderOptions(&options));
    const std::unique_ptr<OrtCUDAProviderOptionsV2, decltype(api.ReleaseCUDAProviderOptions)> owner(
        options, api.ReleaseCUDAProviderOptions);
    const std::string number_text = std::to_string(number);
    const std::array<const char*, 2> keys{"device_id", "do_copy_in_default_stream"};
    const std::array<const char*, 2> values{number_text.c_str(), "1"};
    Ort::ThrowOnError(api.UpdateCUDAProviderOptions(options, keys.data(), values.data(), keys.size()));
    Ort::ThrowOnError(api.SessionOptionsAppendExecutionProvider_CUDA_V2(session, options));
  } catch (const Ort::Exception& failure) {
    // A build may know the provider and yet come without its library.
    if (std::string_view(failure.what()).find("libonnxruntime_providers_") != std::string_view::npos)
      throw no_cuda_provider(device);
    throw std::runtime_error("device " + device + ": " + first_line(failure.what()) +
                             "; check the GPU, its driver and CUDA, or use device: cpu");
  }
}

Ort::SessionOptions session_options(const DetectorOptions& options) {
  Ort::SessionOptions session;
  session.SetIntraOpNumThreads(options.threads);
  session.SetInterOpNumThreads(1);
  session.SetExecutionMode(ORT_SEQUENTIAL);
  session.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  session.AddConfigEntry("session.intra_op.allow_spinning", "0");
  session.AddConfigEntry("session.inter_op.allow_spinning", "0");
  session.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  if (const auto number = cuda_device(options.device)) append_cuda(session, options.device, *number);
  return session;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const auto side : shape)
    text += (text.size() > 1 ? "," : "") + (side < 0 ? "?" : std::to_string(side));
  return text + "]";
}

// The shape of the only input or output, after its name, type and rank were checked against the contract.
std::vector<std::int64_t> tensor_shape(const std::string& name, const std::string& expected_name,
                                       const Ort::TypeInfo& type, std::size_t rank) {
  if (name != expected_name)
    throw std::runtime_error("`" + name + "` stands where `" + expected_name + "` should");
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) throw std::runtime_error("`" + name + "` is not a tensor");
  const auto info = type.GetTensorTypeAndShapeInfo();
  const auto shape = info.GetShape();
  if (info.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
    throw std::runtime_error("`" + name + "` does not hold 32-bit floats");
  if (shape.size() != rank) throw std::runtime_error("`" + name + "` has the shape " + shape_text(shape));
  return shape;
}

bool in_range(std::int64_t value, std::int64_t least, std::int64_t most) {
  return value >= least && value <= most;
}

// ONNX Runtime 1.30 keeps usage events in the user's home and sends them to its maker from the moment there
// is an environment, whatever DisableTelemetryEvents says afterwards, unless this variable is set.
Ort::Env make_environment() {
  ::setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  Ort::Env env(ORT_LOGGING_LEVEL_FATAL, "turbo");
  env.DisableTelemetryEvents();
  return env;
}

}  // namespace

struct Detector::State {
  DetectorOptions options;
  Ort::Env env = make_environment();
  std::optional<Ort::Session> session;
  Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  int height = 0, width = 0, rows = 0;
  std::vector<float> input, output;
  Ort::Value input_value{nullptr}, output_value{nullptr};
  Detections detections;
  Image resized;
  Resizer resizer;

  void load(const std::string& path);
  void check_contract();
  void check_input();
  void check_output();
  void allocate();
  bool row_to_detection(const float* row, Detection& detection) const;
};

Detector::Detector(const std::string& path, const DetectorOptions& options) : state_(new State) {
  state_->options = options;
  if (options.threads < 0 || options.threads > 256)
    throw std::runtime_error("model " + path + ": " + std::to_string(options.threads) +
                             " threads; 1 to 256, or 0 for all");
  std::error_code unreadable;
  if (!std::filesystem::is_regular_file(path, unreadable))
    throw std::runtime_error("model " + path + ": no such file");
  state_->load(path);
  try {
    state_->check_contract();
  } catch (const std::exception& breach) {
    throw std::runtime_error(
        "model " + path + ": " + first_line(breach.what()) +
        "; needed: input `image` [1,3,H,W] and output `detections` [1,K,6], floats of fixed sizes");
  }
  if ((options.height > 0 && options.height != state_->height) ||
      (options.width > 0 && options.width != state_->width))
    throw std::runtime_error("model " + path + ": its input is " + std::to_string(state_->height) + " x " +
                             std::to_string(state_->width) + ", the configuration says " +
                             std::to_string(options.height) + " x " + std::to_string(options.width));
  state_->allocate();
  if (const auto first = infer(); !first.error.empty())
    throw std::runtime_error("model " + path + ": the first run failed: " + first.error);
}

Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;
Detector& Detector::operator=(Detector&&) noexcept = default;

int Detector::height() const { return state_->height; }
int Detector::width() const { return state_->width; }
int Detector::max_detections() const { return state_->rows; }

void Detector::State::load(const std::string& path) {
  const auto settings = session_options(options);
  try {
    session.emplace(env, path.c_str(), settings);
  } catch (const Ort::Exception& failure) {
    auto why = first_line(failure.what());
    if (const auto named = why.find(path + " failed:"); named != std::string::npos)
      why.erase(0, named + path.size() + sizeof " failed:" - 1);  // the path stands before it already
    throw std::runtime_error("model " + path + ": not loaded on " + options.device + ": " + why);
  }
}

void Detector::State::check_contract() {
  if (session->GetInputCount() != 1 || session->GetOutputCount() != 1)
    throw std::runtime_error(std::to_string(session->GetInputCount()) + " inputs and " +
                             std::to_string(session->GetOutputCount()) + " outputs");
  check_input();
  check_output();
}

void Detector::State::check_input() {
  Ort::AllocatorWithDefaultOptions allocator;
  const auto shape = tensor_shape(session->GetInputNameAllocated(0, allocator).get(), "image",
                                  session->GetInputTypeInfo(0), 4);
  if (shape[0] != 1 || shape[1] != 3 || !in_range(shape[2], 1, kMaxSide) || !in_range(shape[3], 1, kMaxSide))
    throw std::runtime_error("`image` has the shape " + shape_text(shape));
  height = static_cast<int>(shape[2]);
  width = static_cast<int>(shape[3]);
}

void Detector::State::check_output() {
  Ort::AllocatorWithDefaultOptions allocator;
  const auto shape = tensor_shape(session->GetOutputNameAllocated(0, allocator).get(), "detections",
                                  session->GetOutputTypeInfo(0), 3);
  if (shape[0] != 1 || !in_range(shape[1], 1, kMaxRows) || shape[2] != kRowValues)
    throw std::runtime_error("`detections` has the shape " + shape_text(shape));
  rows = static_cast<int>(shape[1]);
}

void Detector::State::allocate() {
  const std::array<std::int64_t, 4> input_shape{1, 3, height, width};
  const std::array<std::int64_t, 3> output_shape{1, rows, kRowValues};
  input.assign(std::size_t{3} * static_cast<std::size_t>(height) * static_cast<std::size_t>(width), 0.0f);
  output.assign(static_cast<std::size_t>(rows * kRowValues), 0.0f);
  detections.reserve(static_cast<std::size_t>(rows));
  input_value = Ort::Value::CreateTensor<float>(memory, input.data(), input.size(), input_shape.data(),
                                                input_shape.size());
  output_value = Ort::Value::CreateTensor<float>(memory, output.data(), output.size(), output_shape.data(),
                                                 output_shape.size());
}

bool Detector::State::row_to_detection(const float* row, Detection& detection) const {
  if (!std::all_of(row, row + kRowValues, [](float value) { return std::isfinite(value); })) return false;
  const auto x_limit = static_cast<float>(width);
  const auto y_limit = static_cast<float>(height);
  detection.box = {std::clamp(row[0], 0.0f, x_limit), std::clamp(row[1], 0.0f, y_limit),
                   std::clamp(row[2], 0.0f, x_limit), std::clamp(row[3], 0.0f, y_limit)};
  detection.score = row[4];
  const bool label_known = row[5] > -0.5f && row[5] < static_cast<float>(options.classes) - 0.5f;
  detection.label = label_known ? static_cast<int>(std::lround(row[5])) : -1;
  return label_known && row[4] >= 0.0f && row[4] <= 1.0f && detection.box.x_max > detection.box.x_min &&
         detection.box.y_max > detection.box.y_min;
}

Detector::Outcome Detector::infer() {
  constexpr const char* kInput = "image";
  constexpr const char* kOutput = "detections";
  State& state = *state_;
  Outcome outcome;
  try {
    state.session->Run(Ort::RunOptions{nullptr}, &kInput, &state.input_value, 1, &kOutput,
                       &state.output_value, 1);
  } catch (const Ort::Exception& failure) {
    outcome.error = first_line(failure.what());
    return outcome;
  }
  state.detections.clear();
  for (int row = 0; row < state.rows; ++row) {
    const float* values = state.output.data() + row * kRowValues;
    if (values[4] >= 0.0f && values[4] < state.options.min_score) continue;  // padding, or too weak
    Detection detection;
    if (state.row_to_detection(values, detection))
      state.detections.push_back(detection);
    else
      ++outcome.dropped;
  }
  outcome.detections = state.detections;
  return outcome;
}

void Detector::prepare(ImageView image) {
  State& state = *state_;
  if (image.height != state.height || image.width != state.width) {
    const auto target = state.resized.reshape(state.height, state.width);
    state.resizer.resize(image, target);
    image = target;
  }
  to_tensor(image, state.input);
}

Detector::Outcome Detector::detect(ImageView frame) {
  prepare(frame);
  auto outcome = infer();
  scale_boxes(outcome.detections, height(), width(), frame.height, frame.width);
  return outcome;
}

}  // namespace turbo
