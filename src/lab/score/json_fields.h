#pragma once
// Members of a JSON object that comes from a file which may be cut off or broken: what is not as it should be
// is not there.

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace turbo {

inline std::optional<nlohmann::json> parse_object(const std::string& line) {
  auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  return object;
}

inline bool read_id(const nlohmann::json& object, const char* key, std::uint64_t& id) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_number_integer() ||
      (!at->is_number_unsigned() && at->get<std::int64_t>() < 0))
    return false;
  id = at->get<std::uint64_t>();
  return true;
}

inline bool read_id(const nlohmann::json& object, const char* key, int& id) {
  std::uint64_t wide = 0;
  if (!read_id(object, key, wide) || wide > static_cast<std::uint64_t>(std::numeric_limits<int>::max()))
    return false;
  id = static_cast<int>(wide);
  return true;
}

inline bool read_bool(const nlohmann::json& object, const char* key, bool& value) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_boolean()) return false;
  value = at->get<bool>();
  return true;
}

// Nothing for a member that is missing, null, or no number that a time, rate or size can be.
inline std::optional<double> number_of(const nlohmann::json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_number() || !(std::abs(at->get<double>()) <= 1e12)) return std::nullopt;
  return at->get<double>();
}

inline bool read_number(const nlohmann::json& object, const char* key, double& value) {
  const auto found = number_of(object, key);
  if (found) value = *found;
  return found.has_value();
}

// At most 256 bytes of it; empty for a member that is missing or no text.
inline std::string text_of_field(const nlohmann::json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_string()) return {};
  return at->get_ref<const std::string&>().substr(0, 256);
}

// To be written: to a thousandth, or null.
inline nlohmann::ordered_json rounded_json(const std::optional<double>& value) {
  if (!value) return nullptr;
  return std::round(*value * 1e3) / 1e3;
}

}  // namespace turbo
