#include "lab/certs/listing.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace turbo {
namespace {

std::string time_text(std::time_t time, const char* format) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::string state_of(const IssuedCertificate& issued, std::time_t now) {
  if (issued.revoked_since) return "revoked";
  if (now < issued.text.valid_from) return "not yet valid";
  if (now >= issued.text.valid_to) return "expired";
  return "valid";
}

}  // namespace

std::string listing_text(const std::vector<IssuedCertificate>& issued, std::time_t now) {
  std::size_t width = 4;
  for (const auto& one : issued) width = std::max(width, one.text.name.size());
  const int columns = static_cast<int>(width);
  std::string text;
  std::array<char, 256> line;
  std::snprintf(line.data(), line.size(), "%-*s  %-8s  %-13s  %-10s  %s\n", columns, "NAME", "ROLE", "STATE",
                "EXPIRES", "SERIAL");
  text += line.data();
  for (const auto& one : issued) {
    std::snprintf(line.data(), line.size(), "%-*s  %-8s  %-13s  %-10s  %s%s\n", columns,
                  one.text.name.c_str(), name_of(one.text.role).c_str(), state_of(one, now).c_str(),
                  time_text(one.text.valid_to, "%F").c_str(), one.text.serial.c_str(),
                  one.in_use ? "" : " (renewed since)");
    text += line.data();
  }
  return text;
}

std::string listing_json(const std::vector<IssuedCertificate>& issued, std::time_t now) {
  constexpr char kIso[] = "%FT%TZ";
  auto all = nlohmann::json::array();
  for (const auto& one : issued)
    all.push_back({{"name", one.text.name},
                   {"role", name_of(one.text.role)},
                   {"serial", one.text.serial},
                   {"valid_from", time_text(one.text.valid_from, kIso)},
                   {"valid_to", time_text(one.text.valid_to, kIso)},
                   {"state", state_of(one, now)},
                   {"in_use", one.in_use},
                   {"revoked_since", one.revoked_since ? nlohmann::json(time_text(*one.revoked_since, kIso))
                                                       : nlohmann::json(nullptr)}});
  return all.dump(2) + "\n";
}

std::time_t parse_time(const std::string& text) {
  for (const char* format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"}) {
    std::tm parts{};
    const char* end = strptime(text.c_str(), format, &parts);
    if (end != nullptr && *end == '\0') return timegm(&parts);
  }
  throw CertsError("the time " + text + ": expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, in UTC");
}

}  // namespace turbo
