#include "vehicle/plotter/history.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace turbo {
namespace {

using Json = nlohmann::json;

constexpr int kMaxServiceId = 1000;
constexpr std::size_t kMaxServices = 64;  // of a map
constexpr std::size_t kMaxMembers = 32;
constexpr std::size_t kMaxText = 200;
constexpr double kMaxValue = 1e12;
constexpr double kClockSkewS = 60;  // a timestamp further off than this is replaced by the time of arrival

bool is_sane_number(const Json& value) {
  return value.is_number() && std::abs(value.get<double>()) <= kMaxValue;
}

bool is_plain(const Json& value) {
  return value.is_boolean() || value.is_null() || is_sane_number(value) ||
         (value.is_string() && value.get_ref<const std::string&>().size() <= kMaxText);
}

bool is_service_id(const std::string& text) {
  return !text.empty() && text.size() <= 4 && text.find_first_not_of("0123456789") == std::string::npos;
}

bool is_service_map(const Json& map, bool numbers) {
  if (!map.is_object() || map.size() > kMaxServices) return false;
  for (const auto& [key, value] : map.items())
    if (!is_service_id(key) || (numbers ? !is_sane_number(value) : !(value.is_string() && is_plain(value))))
      return false;
  return true;
}

class Checker {
 public:
  Checker(const Json& message, std::string& error) : message_(message), error_(error) {}

  bool number(const char* key) {
    return check(
        key, [](const Json& v) { return is_sane_number(v); }, "a number");
  }
  bool boolean(const char* key) {
    return check(
        key, [](const Json& v) { return v.is_boolean(); }, "true or false");
  }
  bool numbers(const char* key) {
    return check(
        key, [](const Json& v) { return is_service_map(v, true); }, "numbers by service id");
  }
  bool texts(const char* key) {
    return check(
        key, [](const Json& v) { return is_service_map(v, false); }, "texts by service id");
  }
  bool service() {
    return check(
        "service_id",
        [](const Json& v) {
          return v.is_number_integer() && is_sane_number(v) && v >= 0 && v <= kMaxServiceId;
        },
        "an integer from 0 to 1000");
  }

 private:
  template <typename Accepts>
  bool check(const char* key, Accepts accepts, const char* expected) {
    const auto member = message_.find(key);
    if (member != message_.end() && accepts(*member)) return true;
    error_ = std::string(key).append(": expected ").append(expected);
    return false;
  }
  const Json& message_;
  std::string& error_;
};

// The message as it is kept: t first, then its maps and plain members.
std::string kept_form(const Json& message, double unix_s) {
  Json kept = Json::object();
  const double timestamp = message.at("timestamp").get<double>();
  kept["t"] = std::abs(timestamp - unix_s) <= kClockSkewS ? timestamp : unix_s;
  for (const auto& [key, value] : message.items()) {
    if (kept.size() >= kMaxMembers) break;
    if (key == "plot_id" || key == "timestamp" || key == "t" || key.size() > kMaxText) continue;
    if (is_plain(value) || key == "allocation_map" || key == "model_config_map") kept[key] = value;
  }
  // Text that is no UTF-8 becomes such text as is; it never throws.
  return kept.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

bool History::add(Time now, double unix_s, const std::string& message, std::string& error) {
  std::optional<Kind> kind;
  std::string kept;
  if (message.size() > kMaxMessageBytes) {
    error = "longer than 64 KiB";
  } else if (const Json json = Json::parse(message, nullptr, false); !json.is_object()) {
    error = "no JSON object";
  } else {
    Checker check(json, error);
    const auto id = json.find("plot_id");
    if (id == json.end() || !id->is_number_integer()) {
      error = "plot_id: expected 1, 2 or 3";
    } else if (*id == 1) {
      if (check.service() && check.number("timestamp") && check.boolean("remote_request_made") &&
          check.boolean("remote_request_successful"))
        kind = Kind::kRequest;
    } else if (*id == 2) {
      if (check.number("timestamp") && check.number("local_utility") && check.number("expected_utility") &&
          check.number("available_bw") && check.number("rtt") && check.numbers("allocation_map") &&
          check.texts("model_config_map"))
        kind = Kind::kAllocation;
    } else if (*id == 3) {
      if (check.service() && check.number("timestamp") && check.number("max_limit") &&
          check.number("snd_rate") && check.number("recv_rate"))
        kind = Kind::kTraffic;
    } else {
      error = "plot_id: expected 1, 2 or 3";
    }
    if (kind) kept = kept_form(json, unix_s);
  }
  const std::lock_guard lock(mutex_);
  if (!kind) {
    ++refused_;
    return false;
  }
  bytes_ += kept.size();
  entries_.push_back({next_number_++, now, *kind, std::move(kept)});
  drop_old(now);
  return true;
}

void History::drop_old(Time now) {
  while (!entries_.empty() &&
         (now - entries_.front().at > keep_ || entries_.size() > max_entries_ || bytes_ > kMaxBytes)) {
    bytes_ -= entries_.front().json.size();
    entries_.pop_front();
  }
}

std::string History::to_json(double unix_s, std::uint64_t since) const {
  std::string lists[3];
  const std::lock_guard lock(mutex_);
  // The numbers are consecutive: the first one wanted is found without looking.
  std::size_t first = 0;
  if (!entries_.empty() && since >= entries_.front().number)
    first = std::min<std::size_t>(entries_.size(), since - entries_.front().number + 1);
  if (since >= next_number_) first = 0;  // of an earlier run of ours: start anew
  for (std::size_t i = first; i < entries_.size(); ++i) {
    std::string& list = lists[static_cast<std::size_t>(entries_[i].kind)];
    if (!list.empty()) list += ',';
    list += entries_[i].json;
  }
  Json head{{"now", unix_s}, {"next", next_number_ - 1}, {"keep_s", seconds(keep_)}, {"refused", refused_}};
  std::string out = head.dump();
  out.pop_back();
  out.append(",\"requests\":[").append(lists[0]);
  out.append("],\"allocations\":[").append(lists[1]);
  return out.append("],\"traffic\":[").append(lists[2]).append("]}");
}

std::size_t History::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace turbo
