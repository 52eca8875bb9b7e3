#include "vehicle/quic_client/allocation_reply.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace turbo {
namespace {

constexpr double kMaxMbps = 1e6;

// Rates in bits/s; nothing when a key is no service id or a value no rate.
std::optional<std::map<int, double>> parse_rates(const nlohmann::json& rates, std::string& error) {
  const auto refuse = [&](const std::string& why) {
    error = why;
    return std::nullopt;
  };
  std::map<int, double> out;
  for (const auto& [key, value] : rates.items()) {
    int id = 0;
    const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (code != std::errc() || end != key.data() + key.size())
      return refuse("the allocation names a service \"" + key.substr(0, 40) + "\" that is not a number");
    if (!value.is_number()) return refuse("the allocation of service " + key + " is not a number");
    const double mbps = value.get<double>();
    if (!std::isfinite(mbps) || mbps < 0 || mbps > kMaxMbps)
      return refuse("the allocation of service " + key + " is not a rate");
    out[id] = mbps * 1e6;
  }
  return out;
}

}  // namespace

std::optional<std::map<int, ServiceRates>> parse_allocation(const std::string& text, std::string& error) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto refuse = [&](const std::string& why) {
    error = why;
    return std::nullopt;
  };
  if (!json.is_object()) return refuse("the allocation is not a JSON object");
  const auto rates = json.find("allocation_map");
  if (rates == json.end() || !rates->is_object()) return refuse("the allocation has no allocation_map");
  const auto limits = json.find("limit_map");
  if (limits != json.end() && !limits->is_object()) return refuse("limit_map is not a JSON object");
  const auto guaranteed = parse_rates(*rates, error);
  const auto limited = limits == json.end() ? std::map<int, double>{} : parse_rates(*limits, error);
  if (!guaranteed || !limited) return std::nullopt;
  std::map<int, ServiceRates> out;
  for (const auto& [id, rate_bps] : *guaranteed) {
    out[id].guaranteed_bps = rate_bps;
    if (const auto limit = limited->find(id); limit != limited->end()) out[id].limit_bps = limit->second;
    if (rate_bps <= 0) out[id].limit_bps = 0;
  }
  return out;
}

}  // namespace turbo
