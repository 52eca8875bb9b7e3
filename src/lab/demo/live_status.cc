#include "lab/demo/live_status.h"

#include <algorithm>
#include <cstdio>
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

// Every diagnostic message in it, wherever it stands.
void collect(const json& node, std::vector<const json*>& messages, int depth = 0) {
  if (depth > 8) return;
  if (node.is_object() && node.contains("plot_id")) {
    messages.push_back(&node);
  } else if (node.is_structured()) {
    for (const auto& child : node) collect(child, messages, depth + 1);
  }
}

using Latencies = std::map<int, std::vector<double>>;

void take_request(const json& message, int service, LiveStatus& status, Latencies& latencies) {
  CameraStatus& camera = status.cameras[service];
  const std::string source = text(message, "source");
  if (source == "remote")
    ++camera.from_cloud;
  else if (source == "vehicle")
    ++camera.from_vehicle;
  else
    ++camera.without_result;
  if (const auto config = text(message, "model_config"); !config.empty()) camera.model_config = config;
  if (const auto latency = number(message, "latency_ms")) latencies[service].push_back(*latency);
}

void take_allocation(const json& message, LiveStatus& status) {
  status.estimate_mbps = number(message, "available_bw");
  status.rtt_ms = number(message, "rtt");
  const auto map = message.find("allocation_map");
  if (map == message.end() || !map->is_object()) return;
  for (auto& [service, camera] : status.cameras)
    camera.allocated_mbps = number(*map, std::to_string(service).c_str());
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

std::string clock_text(const DemoClock& clock) {
  char buffer[48];
  if (clock.duration_s > 0)
    std::snprintf(buffer, sizeof buffer, "%.0f of %.0f s", clock.elapsed_s, clock.duration_s);
  else
    std::snprintf(buffer, sizeof buffer, "%.0f s", clock.elapsed_s);
  return buffer;
}

std::string answers_of(const CameraStatus& camera) {
  const int all = camera.from_cloud + camera.from_vehicle + camera.without_result;
  if (all == 0) return "no frame yet";
  std::string words =
      "cloud " + std::to_string(camera.from_cloud) + ", vehicle " + std::to_string(camera.from_vehicle);
  if (camera.without_result) words += ", none " + std::to_string(camera.without_result);
  return words;
}

}  // namespace

LiveStatus read_history(const std::string& history, double now_unix_s) {
  LiveStatus status;
  const json root = json::parse(history, nullptr, false);
  if (root.is_discarded()) return status;
  std::vector<const json*> messages;
  collect(root, messages);
  std::stable_sort(messages.begin(), messages.end(), [](const json* a, const json* b) {
    return number(*a, "timestamp").value_or(0) < number(*b, "timestamp").value_or(0);
  });
  Latencies latencies;
  const json* allocation = nullptr;
  for (const json* message : messages) {
    const auto service = number(*message, "service_id");
    const auto plot = number(*message, "plot_id").value_or(0);
    if (plot == 2) allocation = message;
    if (!service || *service < 0 || *service > 1000) continue;
    const auto id = static_cast<int>(*service);
    if (plot == 1 && number(*message, "timestamp").value_or(0) > now_unix_s - kStatusWindowS)
      take_request(*message, id, status, latencies);
    if (plot == 3 && status.cameras.contains(id)) status.cameras[id].sent_mbps = number(*message, "snd_rate");
  }
  if (allocation) take_allocation(*allocation, status);
  for (auto& [service, values] : latencies) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                     values.end());
    status.cameras[service].latency_ms = values[values.size() / 2];
  }
  return status;
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
    return padded(camera, 7) + padded(config, 27) + padded(limit, 6, true) + padded(sent, 7, true) +
           padded(latency, 8, true) + "  ";
  };
  lines.push_back(in(kDim, row("camera", "configuration", "limit", "Mbps", "ms") + "answers in 5 s"));
  for (const auto& [service, camera] : status.cameras) {
    const char* code = camera.without_result                     ? kRed
                       : camera.from_cloud > camera.from_vehicle ? kGreen
                                                                 : kYellow;
    lines.push_back(row(std::to_string(service), camera.model_config, shown(camera.allocated_mbps, "%.1f"),
                        shown(camera.sent_mbps, "%.1f"), shown(camera.latency_ms, "%.0f")) +
                    in(code, answers_of(camera)));
  }
  if (status.cameras.empty()) lines.push_back("waiting for the first frames");
  return lines;
}

std::string status_line(const LiveStatus& status, const DemoClock& clock) {
  std::string line = clock_text(clock) + "  uplink " + shown(status.capacity_mbps, "%.1f") +
                     " Mbps, estimate " + shown(status.estimate_mbps, "%.1f");
  for (const auto& [service, camera] : status.cameras)
    line += " | camera " + std::to_string(service) + " " + camera.model_config + " " +
            shown(camera.sent_mbps, "%.1f Mbps") + " " + shown(camera.latency_ms, "%.0f ms") + " " +
            answers_of(camera);
  return line;
}

}  // namespace turbo
