#include "vehicle/bandwidth_allocator/allocation_messages.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace turbo {
namespace {

constexpr std::size_t kMaxRequestBytes = 64 * 1024;
constexpr double kMost = 1e6;  // Mbps or ms

bool read_number(const nlohmann::json& json, const char* key, double* out, std::string& error) {
  const auto member = json.find(key);
  if (member != json.end() && member->is_number()) {
    *out = member->get<double>();
    if (*out >= 0 && *out <= kMost) return true;
  }
  error = std::string(key) + ": expected a number from 0 to 1000000";
  return false;
}

nlohmann::json json_of(const Decision& decision, double unix_s) {
  nlohmann::json allocation = nlohmann::json::object(), configs = nlohmann::json::object();
  for (const ServiceChoice& choice : decision.services) {
    const std::string id = std::to_string(choice.service_id);
    allocation[id] = choice.allocated_mbps;
    configs[id] = choice.config;
  }
  return {{"timestamp", unix_s},
          {"allocation_map", std::move(allocation)},
          {"model_config_map", std::move(configs)},
          {"expected_utility", decision.expected_utility},
          {"local_utility", decision.local_utility},
          {"available_bw", decision.available_mbps},
          {"rtt", decision.rtt_ms}};
}

}  // namespace

std::optional<AllocationRequest> parse_allocation_request(const std::string& text, std::string& error) {
  AllocationRequest request;
  if (text.size() > kMaxRequestBytes) {
    error = "longer than 64 KiB";
    return std::nullopt;
  }
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) {
    error = "expected a JSON object {\"bw\": Mbps, \"rtt\": ms}";
    return std::nullopt;
  }
  if (!read_number(json, "bw", &request.bandwidth_mbps, error) ||
      !read_number(json, "rtt", &request.rtt_ms, error))
    return std::nullopt;
  return request;
}

std::string format_decision(const Decision& decision, double unix_s) {
  return json_of(decision, unix_s).dump();
}

std::string format_decision_diagnostic(const Decision& decision, double unix_s) {
  auto json = json_of(decision, unix_s);
  json["plot_id"] = 2;
  return json.dump();
}

std::optional<double> parse_ping_answer(const std::string& text) {
  double ms = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (problem != std::errc() || end != text.data() + text.size() || !(ms >= 0 && ms <= kMost))
    return std::nullopt;
  return ms;
}

}  // namespace turbo
