#include "lab/score/step_records.h"

#include <charconv>

#include "lab/score/json_fields.h"

namespace turbo {
namespace {

using nlohmann::json;

bool read_name(const json& object, FrameName& name) {
  return read_id(object, "service_id", name.service) && read_id(object, "context_id", name.context_id);
}

std::optional<int> service_of(const std::string& text) {
  int id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

std::optional<LinkRecord> link_of(const json& object) {
  LinkRecord link;
  if (!read_number(object, "timestamp", link.unix_s) || !read_number(object, "estimate", link.mbps) ||
      !read_number(object, "rtt", link.rtt_ms) || !read_number(object, "min_rtt", link.min_rtt_ms) ||
      !read_bool(object, "connected", link.connected))
    return std::nullopt;
  link.low_mbps = number_of(object, "estimate_low").value_or(link.mbps);
  link.high_mbps = number_of(object, "estimate_high").value_or(link.mbps);
  return link;
}

std::optional<CloudTimeRecord> cloud_time_of(const json& object) {
  CloudTimeRecord time;
  if (!read_id(object, "service_id", time.service) || !read_number(object, "timestamp", time.unix_s) ||
      !read_number(object, "cloud_ms", time.cloud_ms))
    return std::nullopt;
  return time;
}

// An empty object for what is missing or none.
const json& object_of(const json& object, const char* key) {
  static const json nothing = json::object();
  const auto at = object.find(key);
  return at != object.end() && at->is_object() ? *at : nothing;
}

std::map<int, std::string> configs_of(const json& object) {
  std::map<int, std::string> configs;
  const json& choices = object_of(object, "model_config_map");
  for (const auto& [key, config] : choices.items())
    if (const auto id = service_of(key); id && config.is_string())
      configs[*id] = text_of_field(choices, key.c_str());
  return configs;
}

std::optional<double> utility_of(const json& object) {
  const auto likely = number_of(object, "likely_utility");
  return likely ? likely : number_of(object, "expected_utility");
}

std::optional<DecisionRecord> decision_of(const json& object) {
  DecisionRecord decision;
  const auto choices = object.find("model_config_map");
  if (!read_number(object, "timestamp", decision.unix_s) || choices == object.end() || !choices->is_object())
    return std::nullopt;
  const json &inputs = object_of(object, "inputs"), &second = object_of(object, "runner_up");
  for (auto& [id, config] : configs_of(object)) {
    const std::string key = std::to_string(id);
    decision.services[id] = {config, number_of(object_of(object, "allocation_map"), key.c_str()),
                             number_of(object_of(object_of(inputs, "services"), key.c_str()), "needed_bw")};
  }
  decision.reason = text_of_field(object, "reason");
  decision.available_mbps = number_of(object, "available_bw");
  decision.rtt_ms = number_of(object, "rtt");
  decision.rtt_source = text_of_field(inputs, "rtt_source");
  decision.promised = number_of(object, "promised");
  decision.utility = utility_of(object);
  if (!second.empty()) decision.runner_up = {configs_of(second), utility_of(second)};
  return decision;
}

}  // namespace

std::optional<FrameRecord> parse_frame(const std::string& line) {
  const auto object = parse_object(line);
  FrameRecord frame;
  if (!object || !read_name(*object, frame.name) ||
      !read_number(*object, "capture_unix_s", frame.capture_unix_s) ||
      !read_bool(*object, "in_time", frame.in_time) || !read_bool(*object, "offloaded", frame.offloaded) ||
      !read_number(*object, "latency_ms", frame.latency_ms) ||
      !read_number(*object, "received_ms", frame.received_ms))
    return std::nullopt;
  frame.source = text_of_field(*object, "source");
  frame.not_offloaded = text_of_field(*object, "not_offloaded");
  frame.model_config = text_of_field(*object, "model_config");
  read_bool(*object, "cloud_out", frame.cloud_out);
  read_number(*object, "size_bytes", frame.size_bytes);
  frame.deadline_ms = number_of(*object, "deadline_ms");
  frame.sent_ms = number_of(*object, "sent_ms");
  frame.remote_latency_ms = number_of(*object, "remote_latency_ms");
  frame.server_queue_ms = number_of(*object, "server_queue_ms");
  frame.server_preprocessing_ms = number_of(*object, "server_preprocessing_ms");
  frame.server_inference_ms = number_of(*object, "server_inference_ms");
  frame.server_overall_ms = number_of(*object, "server_overall_ms");
  frame.vehicle_runtime_ms = number_of(*object, "vehicle_runtime_ms");
  return frame;
}

std::optional<SendRecord> parse_send(const std::string& line) {
  const auto object = parse_object(line);
  SendRecord send;
  if (!object || !object->contains("waited_ms") || !read_name(*object, send.name) ||
      !read_number(*object, "unix_s", send.unix_s) || !read_number(*object, "after_ms", send.after_ms) ||
      !read_number(*object, "sent_bytes", send.sent_bytes))
    return std::nullopt;
  send.waited_ms = number_of(*object, "waited_ms");
  send.end = text_of_field(*object, "end");
  return send;
}

std::optional<CloudRecord> parse_cloud(const std::string& line) {
  const auto object = parse_object(line);
  CloudRecord cloud;
  if (!object || !read_name(*object, cloud.name) || !read_number(*object, "unix_s", cloud.unix_s) ||
      !read_number(*object, "after_ms", cloud.after_ms))
    return std::nullopt;
  cloud.step = text_of_field(*object, "step");
  return cloud;
}

std::optional<CapacityRecord> parse_capacity(const std::string& line) {
  const auto object = parse_object(line);
  CapacityRecord capacity;
  if (!object || !read_number(*object, "unix_s", capacity.unix_s)) return std::nullopt;
  const auto up = object->find("up");
  if (up == object->end() || !up->is_object() || !read_number(*up, "capacity_mbps", capacity.mbps) ||
      !read_number(*up, "queue_bytes", capacity.queue_bytes))
    return std::nullopt;
  return capacity;
}

std::optional<Diagnostic> parse_diagnostic(const std::string& line) {
  const auto object = parse_object(line);
  int plot = 0;
  if (!object || !read_id(*object, "plot_id", plot)) return std::nullopt;
  Diagnostic out;
  if (plot == 2) out.decision = decision_of(*object);
  if (plot == 3) {
    out.link = link_of(*object);
    out.cloud_time = cloud_time_of(*object);
  }
  return out;
}

}  // namespace turbo
