#include "vehicle/bandwidth_allocator/report_parser.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "core/utility/model_config.h"

namespace turbo {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxReportBytes = 64 * 1024;
constexpr std::size_t kMaxServices = 64;
constexpr std::size_t kMaxQuoted = 40;  // of a key, in an error line
constexpr int kMaxServiceId = 1000;
constexpr double kMost = 1e6;       // Mbps, ms, frames
constexpr double kMostBytes = 1e9;  // of a frame

// A key as it may stand in a log line: bounded, printable.
std::string shown(const std::string& key) {
  std::string out = key.substr(0, kMaxQuoted);
  for (char& c : out)
    if (c < ' ' || c > '~') c = '?';
  return out;
}

// As JSON, in which no key stands twice: of two the library would keep the last.
std::optional<Json> parse_object(const std::string& text, std::string& error) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
      error = "a key stands twice: " + shown(parsed.get<std::string>());
    return true;
  };
  if (text.size() > kMaxReportBytes) {
    error = "longer than 64 KiB";
    return std::nullopt;
  }
  Json json = Json::parse(text, watch, false);
  if (!json.is_object()) error = "expected a JSON object {\"bw\": Mbps, \"rtt\": ms}";
  if (!error.empty()) return std::nullopt;
  return json;
}

// Reads the members of one object. The first mistake is kept; what is read after it does not count.
class Reader {
 public:
  Reader(const Json& json, std::string prefix, std::string& error)
      : json_(json), prefix_(std::move(prefix)), error_(error) {}

  // Nothing when it is not there, or null.
  const Json* member(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  std::optional<double> number(const char* key, double most) {
    const Json* const value = member(key);
    if (value == nullptr) return std::nullopt;
    const double read = value->is_number() ? value->get<double>() : -1;
    if (read >= 0 && read <= most) return read;  // false for NaN
    fail(key, "a number from 0 to " + std::to_string(static_cast<long>(most)));
    return std::nullopt;
  }
  double required_number(const char* key, double most) {
    if (member(key) == nullptr) fail(key, "a number from 0 to " + std::to_string(static_cast<long>(most)));
    return number(key, most).value_or(0);
  }
  bool flag(const char* key, bool fallback) {
    const Json* const value = member(key);
    if (value == nullptr) return fallback;
    if (!value->is_boolean()) fail(key, "true or false");
    return value->is_boolean() && value->get<bool>();
  }
  int count(const char* key) {
    const Json* const value = member(key);
    if (value == nullptr) return 0;
    if (value->is_number_integer() && *value >= 0 && *value <= static_cast<int>(kMost))
      return value->get<int>();
    fail(key, "a whole number from 0 to 1000000");
    return 0;
  }
  std::string config(const char* key) {
    const Json* const value = member(key);
    if (value == nullptr) return {};
    if (value->is_string() && parse_model_config(value->get_ref<const std::string&>())) return *value;
    fail(key, "a model configuration's name");
    return {};
  }
  std::optional<Quantiles> quantiles(const char* key, double most) {
    const Json* const value = member(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) {
      fail(key, "{\"p50\": a number, \"p95\": a number}");
      return std::nullopt;
    }
    Reader inner(*value, prefix_ + key + ".", error_);
    const Quantiles read{inner.required_number("p50", most), inner.required_number("p95", most)};
    if (read.p50 > read.p95) fail(key, "a p95 that is not below the p50");
    return read;
  }

  void fail(const char* key, const std::string& expected) {
    if (error_.empty()) error_ = prefix_ + key + ": expected " + expected;
  }

 private:
  const Json& json_;
  std::string prefix_;
  std::string& error_;
};

ServiceReport read_service(const std::string& key, const Json& json, std::string& error) {
  ServiceReport service;
  const std::string name = "services." + shown(key);
  const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), service.service_id);
  if (code != std::errc() || end != key.data() + key.size() || std::to_string(service.service_id) != key ||
      service.service_id < 0 || service.service_id > kMaxServiceId) {
    if (error.empty()) error = name + ": expected a service's id, 0 to 1000";
    return service;
  }
  if (!json.is_object()) {
    if (error.empty()) error = name + ": expected a JSON object";
    return service;
  }
  Reader reader(json, name + ".", error);
  service.config = reader.config("config");
  service.finished = reader.count("finished");
  service.in_time = reader.count("in_time");
  if (service.in_time > service.finished) reader.fail("in_time", "no more than those finished");
  const bool all = reader.member("all_finished") != nullptr || reader.member("all_in_time") != nullptr;
  service.all_finished = all ? reader.count("all_finished") : service.finished;
  service.all_in_time = all ? reader.count("all_in_time") : service.in_time;
  if (service.all_in_time > service.all_finished) reader.fail("all_in_time", "no more than all_finished");
  service.frame_bytes = reader.quantiles("frame_bytes", kMostBytes);
  service.server_ms = reader.quantiles("server_ms", kMost);
  service.cloud_ms = reader.quantiles("cloud_ms", kMost);
  return service;
}

}  // namespace

std::optional<LinkReport> parse_link_report(const std::string& text, std::string& error) {
  error.clear();
  const auto json = parse_object(text, error);
  if (!json) return std::nullopt;
  Reader reader(*json, "", error);
  LinkReport report;
  report.bandwidth_mbps = reader.required_number("bw", kMost);
  report.rtt_ms = reader.required_number("rtt", kMost);
  report.low_mbps = reader.number("bw_low", kMost);
  report.high_mbps = reader.number("bw_high", kMost);
  if (report.low_mbps && report.high_mbps && *report.low_mbps > *report.high_mbps)
    reader.fail("bw_low", "no more than bw_high");
  reader.number("min_rtt", kMost);
  report.app_limited = reader.flag("app_limited", false);
  report.connected = reader.flag("connected", true);
  if (const Json* const services = reader.member("services")) {
    if (!services->is_object() || services->size() > kMaxServices)
      reader.fail("services", "a JSON object of at most 64 services");
    else
      for (const auto& [key, value] : services->items())
        report.services.push_back(read_service(key, value, error));
  }
  if (!error.empty()) return std::nullopt;
  return report;
}

}  // namespace turbo
