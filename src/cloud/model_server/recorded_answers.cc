#include "cloud/model_server/recorded_answers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "cloud/model_server/csv.h"

namespace turbo {
namespace {

constexpr std::size_t kValues = 6;
constexpr const char* kRowForm = "x_min, y_min, x_max, y_max, score (0 to 1), label (0 to 4)";

bool to_detection(const std::array<double, kValues>& row, Detection& detection) {
  if (!std::all_of(row.begin(), row.end(), [](double v) { return std::isfinite(v) && std::abs(v) < 1e6; }))
    return false;
  detection = {{static_cast<float>(row[0]), static_cast<float>(row[1]), static_cast<float>(row[2]),
                static_cast<float>(row[3])},
               static_cast<float>(row[4]),
               static_cast<int>(row[5])};
  return row[0] <= row[2] && row[1] <= row[3] && row[4] >= 0 && row[4] <= 1 && row[5] >= 0 &&
         row[5] < kObjectClasses && row[5] == std::floor(row[5]);
}

bool to_number(const std::string& text, double& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

}  // namespace

RecordedAnswers::RecordedAnswers(const std::string& path, LatencyTable latencies)
    : path_(path), latencies_(std::move(latencies)) {
  if (path.ends_with(".csv"))
    read_csv();
  else
    read_json_lines();
  if (frames_.empty()) throw std::runtime_error(path + ": no recorded answers are to be read there");
}

void RecordedAnswers::fail(const std::string& expected) const {
  throw std::runtime_error(path_ + ":" + std::to_string(line_number_) + ": expected " + expected);
}

void RecordedAnswers::read_json_lines() {
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    ++line_number_;
    if (line.find_first_not_of(" \t\r") != std::string::npos) add_json_line(line);
  }
}

void RecordedAnswers::add_json_line(const std::string& line) {
  const auto entry = nlohmann::json::parse(line, nullptr, false);
  if (!entry.is_object() || !entry.contains("detections") || !entry["detections"].is_array())
    fail("{\"context_id\": ..., \"detections\": [...]}");
  Detections detections;
  for (const auto& row : entry["detections"]) {
    std::array<double, kValues> values{};
    Detection detection;
    const bool numbers = row.is_array() && row.size() == kValues &&
                         std::all_of(row.begin(), row.end(), [](const auto& v) { return v.is_number(); });
    if (numbers)
      std::transform(row.begin(), row.end(), values.begin(),
                     [](const auto& v) { return v.template get<double>(); });
    if (!numbers || !to_detection(values, detection)) fail(std::string("a detection as [") + kRowForm + "]");
    detections.push_back(detection);
  }
  if (detections.size() > kMaxDetections) fail("at most " + std::to_string(kMaxDetections) + " detections");
  if (const auto id = entry.find("context_id"); id != entry.end()) {
    if (!id->is_number_unsigned()) fail("a context_id of 0 or more");
    by_context_id_[id->get<std::uint64_t>()] = frames_.size();
  }
  frames_.push_back(std::move(detections));
}

void RecordedAnswers::read_csv() {
  std::ifstream file(path_);
  std::string line;
  if (!std::getline(file, line)) return;
  line_number_ = 1;
  constexpr std::array<const char*, kValues + 1> kColumns{"x_min", "y_min", "x_max", "y_max",
                                                          "score", "label", "frame"};
  const auto columns = split_csv(line);
  std::array<std::size_t, kValues + 1> at{};
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    at[i] =
        static_cast<std::size_t>(std::find(columns.begin(), columns.end(), kColumns[i]) - columns.begin());
    if (at[i] == columns.size()) fail("the columns frame, x_min, y_min, x_max, y_max, score, label");
  }
  std::string last_frame;
  while (std::getline(file, line)) {
    ++line_number_;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto fields = split_csv(line);
    std::array<double, kValues> values{};
    bool numbers = fields.size() == columns.size();
    for (std::size_t i = 0; numbers && i < kValues; ++i) numbers = to_number(fields[at[i]], values[i]);
    Detection detection;
    if (!numbers || !to_detection(values, detection)) fail(kRowForm);
    if (frames_.empty() || fields[at[kValues]] != last_frame) frames_.emplace_back();
    last_frame = fields[at[kValues]];
    frames_.back().push_back(detection);
    if (frames_.back().size() > kMaxDetections)
      fail("at most " + std::to_string(kMaxDetections) + " detections a frame");
  }
}

std::string RecordedAnswers::description() const {
  return "SIMULATED: recorded answers from " + path_ + " (" + std::to_string(frames_.size()) + " frames)" +
         (latencies_.size() ? ", latencies from a table" : "") + "; no model runs";
}

const Detections& RecordedAnswers::frame_for(std::uint64_t context_id) {
  if (const auto found = by_context_id_.find(context_id); found != by_context_id_.end())
    return frames_[found->second];
  const auto index = next_;
  next_ = (next_ + 1) % frames_.size();
  return frames_[index];
}

ModelServerResponse RecordedAnswers::answer(const ModelServerRequest& request,
                                            std::span<const std::uint8_t>) {
  ModelServerResponse response;
  response.detections = frame_for(request.context_id);
  if (const auto latency = latencies_.find(request.model_config)) {
    std::unique_lock lock(mutex_);
    hurried_.wait_for(lock, *latency, [this] { return hurry_; });
    response.inference_s = seconds(*latency);
  }
  return response;
}

void RecordedAnswers::hurry() {
  const std::lock_guard lock(mutex_);
  hurry_ = true;
  hurried_.notify_all();
}

}  // namespace turbo
