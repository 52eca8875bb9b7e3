#include "lab/demo/live_status.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace turbo {
namespace {

using nlohmann::json;

constexpr const char* kBold = "\x1b[1m";
constexpr const char* kDim = "\x1b[2m";
constexpr const char* kGreen = "\x1b[32m";
constexpr const char* kYellow = "\x1b[33m";
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kPlain = "\x1b[0m";

std::optional<double> number(const json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_number()) return std::nullopt;
  return at->get<double>();
}

std::string text(const json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>().substr(0, 64) : "";
}

std::optional<int> service_of(const json& object) {
  const auto id = number(object, "service_id");
  if (!id || !(*id >= 0 && *id <= 1000)) return std::nullopt;
  return static_cast<int>(*id);
}

const json& list(const json& root, const char* key) {
  static const json nothing = json::array();
  const auto at = root.find(key);
  return at != root.end() && at->is_array() ? *at : nothing;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string shown(const std::optional<double>& value, const char* format) {
  char buffer[32];
  if (!value) return "-";
  std::snprintf(buffer, sizeof buffer, format, *value);
  return buffer;
}

std::string padded(std::string word, std::size_t width, bool right = false) {
  if (word.size() < width) word.insert(right ? 0 : word.size(), width - word.size(), ' ');
  return word;
}

constexpr std::size_t kConfigColumns = 30;

// A long configuration's name without what it does not do, and at most as long as its column.
std::string shown_config(std::string name) {
  if (name.size() >= kConfigColumns)
    for (const std::string_view none : {"-imgcompNone", "-inpcompNone"})
      if (const auto at = name.find(none); at != std::string::npos) name.erase(at, none.size());
  return name.substr(0, kConfigColumns - 1);
}

std::string clock_text(const DemoClock& clock) {
  char buffer[48];
  if (clock.duration_s > 0)
    std::snprintf(buffer, sizeof buffer, "%.0f of %.0f s", clock.elapsed_s, clock.duration_s);
  else
    std::snprintf(buffer, sizeof buffer, "%.0f s", clock.elapsed_s);
  return buffer;
}

std::string answers_of(const CameraStatus& camera) {
  std::string words =
      "cloud " + std::to_string(camera.from_cloud) + ", vehicle " + std::to_string(camera.from_vehicle);
  if (camera.without_result) words += ", none " + std::to_string(camera.without_result);
  return words;
}

}  // namespace

void RecentHistory::take(const std::string& answer) {
  const json root = json::parse(answer, nullptr, false);
  if (!root.is_object()) return;
  next_ = static_cast<std::uint64_t>(std::clamp(number(root, "next").value_or(0), 0.0, 1e15));
  now_unix_s_ = number(root, "now").value_or(now_unix_s_);
  for (const json& entry : list(root, "requests")) {
    const auto service = service_of(entry);
    const auto at = number(entry, "t");
    if (!service || !at) continue;
    requests_.push_back(
        {*at, *service, text(entry, "source"), text(entry, "model_config"), number(entry, "latency_ms")});
  }
  std::erase_if(requests_,
                [this](const Request& request) { return request.unix_s < now_unix_s_ - kWindowS; });
  for (const json& entry : list(root, "traffic"))
    if (const auto service = service_of(entry)) sent_mbps_[*service] = number(entry, "snd_rate").value_or(0);
  const json& allocations = list(root, "allocations");
  if (allocations.empty() || !allocations.back().is_object()) return;
  const json& last = allocations.back();
  estimate_mbps_ = number(last, "available_bw");
  rtt_ms_ = number(last, "rtt");
  const auto map = last.find("allocation_map");
  if (map == last.end() || !map->is_object()) return;
  for (const auto& [service, mbps] : map->items())
    if (mbps.is_number()) allocated_mbps_[std::atoi(service.c_str())] = mbps.get<double>();
}

LiveStatus RecentHistory::status() const {
  LiveStatus status;
  status.estimate_mbps = estimate_mbps_;
  status.rtt_ms = rtt_ms_;
  std::map<int, std::vector<double>> latencies;
  for (const Request& request : requests_) {
    CameraStatus& camera = status.cameras[request.service_id];
    if (!request.model_config.empty()) camera.model_config = request.model_config;
    if (request.latency_ms) latencies[request.service_id].push_back(*request.latency_ms);
    ++(request.source == "remote"    ? camera.from_cloud
       : request.source == "vehicle" ? camera.from_vehicle
                                     : camera.without_result);
  }
  for (auto& [service, camera] : status.cameras) {
    if (const auto at = latencies.find(service); at != latencies.end())
      camera.latency_ms = median(at->second);
    if (const auto at = sent_mbps_.find(service); at != sent_mbps_.end()) camera.sent_mbps = at->second;
    if (const auto at = allocated_mbps_.find(service); at != allocated_mbps_.end())
      camera.allocated_mbps = at->second;
  }
  return status;
}

std::vector<int> RecentHistory::silent(const std::vector<int>& services) const {
  std::vector<int> out;
  for (const int service : services)
    if (std::none_of(requests_.begin(), requests_.end(),
                     [service](const Request& request) { return request.service_id == service; }))
      out.push_back(service);
  return out;
}

std::vector<std::string> status_block(const LiveStatus& status, const DemoClock& clock, bool colour) {
  const auto in = [colour](const char* code, const std::string& words) {
    return colour ? code + words + kPlain : words;
  };
  std::vector<std::string> lines;
  lines.push_back(in(kBold, "TURBO demo") + "  " + clock_text(clock) + "   " + clock.dashboard + "   " +
                  in(kDim, "Ctrl-C ends it"));
  lines.push_back("uplink  capacity " + in(kBold, shown(status.capacity_mbps, "%.1f Mbps")) + "   estimate " +
                  in(kBold, shown(status.estimate_mbps, "%.1f Mbps")) + "   RTT " +
                  shown(status.rtt_ms, "%.0f ms"));
  // 80 columns in all.
  const auto row = [](const std::string& camera, const std::string& config, const std::string& limit,
                      const std::string& sent, const std::string& latency) {
    return padded(camera, 7) + padded(shown_config(config), kConfigColumns) + padded(limit, 6, true) +
           padded(sent, 7, true) + padded(latency, 7, true);
  };
  const auto answers = [](const std::string& cloud, const std::string& vehicle, const std::string& none) {
    return padded(cloud, 8, true) + padded(vehicle, 9, true) + padded(none, 6, true);
  };
  lines.push_back(
      in(kDim, row("camera", "configuration", "limit", "Mbps", "ms") + answers("cloud", "vehicle", "none")));
  for (const auto& [service, camera] : status.cameras) {
    const char* code = camera.without_result                     ? kRed
                       : camera.from_cloud > camera.from_vehicle ? kGreen
                                                                 : kYellow;
    lines.push_back(row(std::to_string(service), camera.model_config, shown(camera.allocated_mbps, "%.1f"),
                        shown(camera.sent_mbps, "%.1f"), shown(camera.latency_ms, "%.0f")) +
                    in(code, answers(std::to_string(camera.from_cloud), std::to_string(camera.from_vehicle),
                                     std::to_string(camera.without_result))));
  }
  if (status.cameras.empty()) lines.push_back("waiting for the first frames");
  return lines;
}

std::string status_line(const LiveStatus& status, const DemoClock& clock) {
  std::string line = clock_text(clock) + "  uplink " + shown(status.capacity_mbps, "%.1f") +
                     " Mbps, estimate " + shown(status.estimate_mbps, "%.1f");
  for (const auto& [service, camera] : status.cameras)
    line += " | camera " + std::to_string(service) + " " + camera.model_config + " " + "sends " +
            shown(camera.sent_mbps, "%.1f Mbps") + ", p50 " + shown(camera.latency_ms, "%.0f ms") +
            "; last 5 s: " + answers_of(camera) + " frames";
  return line;
}

}  // namespace turbo
