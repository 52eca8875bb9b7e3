#include "vehicle/quic_client/allocation_reply.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/utility/model_config.h"

namespace turbo {
namespace {

constexpr double kMaxMbps = 1e6;

using Json = nlohmann::json;

std::optional<int> parse_id(const std::string& key, std::string& error) {
  int id = 0;
  const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (code == std::errc() && end == key.data() + key.size()) return id;
  error = "the allocation names a service \"" + key.substr(0, 40) + "\" that is not a number";
  return std::nullopt;
}

// The member of this name, which must be an object; nullptr, without an error, when there is none.
const Json* find_map(const Json& json, const char* name, std::string& error) {
  const auto found = json.find(name);
  if (found == json.end()) return nullptr;
  if (!found->is_object()) error = std::string(name) + " is not a JSON object";
  return &*found;
}

// Rates in bits/s; nothing when a key is no service id or a value no rate.
std::optional<std::map<int, double>> parse_rates(const Json* rates, std::string& error) {
  std::map<int, double> out;
  if (rates == nullptr) return out;
  for (const auto& [key, value] : rates->items()) {
    const auto id = parse_id(key, error);
    if (!id) return std::nullopt;
    const double mbps = value.is_number() ? value.get<double>() : -1;
    if (!std::isfinite(mbps) || mbps < 0 || mbps > kMaxMbps) {
      error = "the allocation of service " + key + " is not a rate";
      return std::nullopt;
    }
    out[*id] = mbps * 1e6;
  }
  return out;
}

std::optional<std::map<int, ModelConfig>> parse_choices(const Json* choices, std::string& error) {
  std::map<int, ModelConfig> out;
  if (choices == nullptr) return out;
  for (const auto& [key, value] : choices->items()) {
    const auto id = parse_id(key, error);
    if (!id) return std::nullopt;
    const auto config =
        value.is_string() ? parse_model_config(value.get_ref<const std::string&>()) : std::nullopt;
    if (!config) {
      error = "the choice of service " + key + " is no model configuration";
      return std::nullopt;
    }
    out[*id] = *config;
  }
  return out;
}

}  // namespace

std::optional<std::map<int, ServiceAllocation>> parse_allocation(const std::string& text,
                                                                 std::string& error) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    error = "the allocation is not a JSON object";
    return std::nullopt;
  }
  const Json* const rates = find_map(json, "allocation_map", error);
  const Json* const limits = find_map(json, "limit_map", error);
  const Json* const choices = find_map(json, "model_config_map", error);
  if (rates == nullptr) error = "the allocation has no allocation_map";
  if (!error.empty()) return std::nullopt;
  const auto guaranteed = parse_rates(rates, error);
  const auto limited = parse_rates(limits, error);
  const auto chosen = parse_choices(choices, error);
  if (!guaranteed || !limited || !chosen) return std::nullopt;
  std::map<int, ServiceAllocation> out;
  for (const auto& [id, rate_bps] : *guaranteed) {
    ServiceAllocation& mine = out[id];
    mine.guaranteed_bps = rate_bps;
    if (const auto limit = limited->find(id); limit != limited->end()) mine.limit_bps = limit->second;
    if (const auto choice = chosen->find(id); choice != chosen->end()) {
      mine.config = format_model_config(choice->second);
      mine.frames_name = format_frame_config(choice->second);
    }
    if (rate_bps <= 0) mine.limit_bps = 0;
  }
  return out;
}

}  // namespace turbo
