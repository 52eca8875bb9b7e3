#include "lab/score/records.h"

#include <algorithm>
#include <cmath>

#include "lab/score/json_fields.h"

namespace turbo {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxLineBytes = 4u << 20;
constexpr std::size_t kMaxBoxes = 4096;

// Rows x_min, y_min, x_max, y_max, [score,] label.
bool read_rows(const json& object, const char* key, bool with_score, Detections& rows) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_array() || at->size() > kMaxBoxes) return false;
  rows.reserve(at->size());
  for (const json& row : *at) {
    if (!row.is_array() || row.size() != (with_score ? 6u : 5u)) return false;
    for (const json& value : row)
      if (!value.is_number() || !std::isfinite(value.get<double>())) return false;
    Detection detection;
    detection.box = {row[0].get<float>(), row[1].get<float>(), row[2].get<float>(), row[3].get<float>()};
    detection.score = with_score ? row[4].get<float>() : 1.0f;
    const double label = row.back().get<double>();
    if (label < 0 || label >= kObjectClasses) return false;
    detection.label = static_cast<int>(label);
    rows.push_back(detection);
  }
  return true;
}

bool is_null(const json& object, const char* key) {
  const auto at = object.find(key);
  return at == object.end() || at->is_null();
}

bool read_source(const json& object, DeliverySource& source) {
  const auto at = object.find("source");
  if (at == object.end() || !at->is_string()) return false;
  const auto& text = at->get_ref<const std::string&>();
  if (text == "remote")
    source = DeliverySource::kRemote;
  else if (text == "vehicle")
    source = DeliverySource::kVehicle;
  else if (text == "none")
    source = DeliverySource::kNone;
  else
    return false;
  return true;
}

bool read_latency(const json& object, std::optional<double>& latency_ms) {
  const auto at = object.find("remote_latency_ms");
  if (at == object.end() || at->is_null()) return true;
  if (!at->is_number() || !(at->get<double>() >= 0)) return false;
  latency_ms = at->get<double>();
  return true;
}

}  // namespace

std::optional<TruthRecord> parse_truth(const std::string& line) {
  const auto object = parse_object(line);
  TruthRecord record;
  Detections rows;
  if (!object || !read_id(*object, "context_id", record.context_id) ||
      !read_id(*object, "camera_id", record.camera_id) || !read_rows(*object, "boxes", false, rows))
    return std::nullopt;
  for (const Detection& row : rows) record.boxes.push_back({row.box, row.label});
  return record;
}

std::optional<DeliveryRecord> parse_delivery(const std::string& line) {
  const auto object = parse_object(line);
  DeliveryRecord record;
  if (!object || !read_id(*object, "context_id", record.context_id) ||
      !read_id(*object, "service_id", record.service_id) || !read_source(*object, record.source) ||
      !read_bool(*object, "offloaded", record.offloaded) || !read_bool(*object, "in_time", record.in_time) ||
      !read_latency(*object, record.remote_latency_ms) ||
      !read_rows(*object, "detections", true, record.detections) ||
      !(is_null(*object, "vehicle_detections") ||
        read_rows(*object, "vehicle_detections", true, record.vehicle_detections)))
    return std::nullopt;
  record.capture_unix_s = number_of(*object, "capture_unix_s");
  record.deadline_ms = number_of(*object, "deadline_ms");
  if (const auto at = object->find("model_config"); at != object->end() && at->is_string())
    record.model_config = at->get_ref<const std::string&>().substr(0, 128);
  return record;
}

std::uint64_t for_each_line(std::istream& in, const std::function<bool(const std::string&)>& take) {
  std::uint64_t refused = 0;
  std::string line;
  bool too_long = false;
  const auto end_line = [&] {
    if (too_long || (!line.empty() && !take(line))) ++refused;
    line.clear();
    too_long = false;
  };
  char block[1 << 14];
  while (in.read(block, sizeof block), in.gcount() > 0) {
    const char* at = block;
    for (const char* const end = block + in.gcount(); at != end;) {
      const char* stop = std::find(at, end, '\n');
      if (line.size() + static_cast<std::size_t>(stop - at) > kMaxLineBytes) too_long = true;
      if (!too_long) line.append(at, stop);
      if (stop != end) {
        end_line();
        ++stop;
      }
      at = stop;
    }
  }
  end_line();
  return refused;
}

}  // namespace turbo
