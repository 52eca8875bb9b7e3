#include "lab/experiments/identity.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>
#include <sstream>

#include "core/fnv1a.h"
#include "parquet/printable.h"

namespace turbo::experiments {
namespace {

constexpr const char* kData = "data";
constexpr std::size_t kMostDigits = std::numeric_limits<double>::digits10;

const std::set<std::string>& left_out() {
  static const std::set<std::string> names{"help",    "version", "shard",     "results", "threads",
                                           "figures", "json",    "all",       "data",    "evaluation",
                                           "table",   "policy",  "allocator", "budget"};
  return names;
}

// What these change is in the data: they say why the data differ, and nothing where these are the same.
const std::set<std::string>& said_by_data() {
  static const std::set<std::string> names{"scenario",        "scenarios", "cameras",
                                           "onvehicle-model", "utility",   "fps",
                                           "frame-rates",     "weight",    "floor"};
  return names;
}

// 10 for 10.0 and 1e1, too; a long seed is no double.
std::string plain(const std::string& text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, value);
  const bool number = error == std::errc() && next == end && text.size() <= kMostDigits;
  return number ? shortest_text(value) : text;
}

std::string value_of(const CLI::Option& option) {
  std::string text;
  for (const std::string& value : option.results()) text += (text.empty() ? "" : ",") + plain(value);
  if (!option.results().empty()) return text;
  text = option.get_default_str();
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);  // a list
  return text;
}

// From where two values that begin alike part, after a comma.
std::size_t parting(const std::string& a, const std::string& b) {
  constexpr std::size_t kShown = 60;
  const auto at =
      static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  const std::size_t comma = at < kShown ? std::string::npos : a.rfind(',', at - 1);
  return comma == std::string::npos ? 0 : comma + 1;
}

}  // namespace

Identity identity_of(const CLI::App& app, const std::string& data, const Identity& parsed) {
  Identity identity = parsed;
  identity[kData] = data;
  for (const CLI::Option* option : app.get_options())
    if (const std::string name = option->get_single_name(); !left_out().contains(name))
      if (std::string value = value_of(*option); !value.empty()) identity.emplace(name, std::move(value));
  std::erase_if(identity, [](const auto& each) { return each.second.empty(); });
  return identity;
}

std::string shortest_text(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

std::string numbers_text(const std::set<double>& numbers) {
  std::string text;
  for (const double number : numbers) text += (text.empty() ? "" : ",") + shortest_text(number);
  return text;
}

std::string digest_text(std::string_view bytes) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(fnv1a(bytes)));
  return text;
}

std::string fingerprint(std::span<const std::string> scenarios, std::span<const Service> services) {
  std::ostringstream text;
  text << std::hexfloat;
  for (const std::string& name : scenarios) text << name.size() << name;
  for (const Service& service : services) {
    text << '\n'
         << service.id << ' ' << service.weight << ' ' << service.min_utility << ' ' << service.slo_ms << ' '
         << service.frames_per_s;
    for (const ModelOption& option : service.options)
      text << '\n'
           << option.config << ' ' << option.size_megabits << ' ' << option.runtime_ms << ' '
           << option.utility << ' ' << option.duty << ' ' << option.on_vehicle;
  }
  return std::to_string(scenarios.size()) + (scenarios.size() == 1 ? " scenario, " : " scenarios, ") +
         digest_text(text.str());
}

std::string text_of(const Identity& identity) {
  std::string text;
  for (const auto& [name, value] : identity) {
    text.append(name).append(1, '=');
    for (const char c : value) text += c == '\n' ? ' ' : c;
    text += '\n';
  }
  return text;
}

Identity parse_identity(const std::string& text) {
  Identity identity;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (const auto equals = line.find('='); equals != std::string::npos)
      identity.emplace(line.substr(0, equals), line.substr(equals + 1));
  return identity;
}

std::string first_difference(const Identity& a, const Identity& b) {
  std::set<std::string> names;
  for (const Identity* each : {&a, &b})
    for (const auto& [name, value] : *each) names.insert(name);
  names.erase(kData);  // the options first: they say why the data differ
  std::vector<std::string> in_order(names.begin(), names.end());
  in_order.push_back(kData);
  const auto in = [](const Identity& identity, const std::string& name) {
    const auto found = identity.find(name);
    return found == identity.end() ? std::string("none") : found->second;
  };
  const bool same_data = in(a, kData) == in(b, kData);
  for (const std::string& name : in_order) {
    if (same_data && said_by_data().contains(name)) continue;
    const std::string first = in(a, name), second = in(b, name);
    if (first == second) continue;
    const std::size_t from = parting(first, second);
    const auto shown = [&](const std::string& value) {
      return (from > 0 ? "..." : "") + printable(value.substr(from));
    };
    return (name == kData ? "" : "--") + printable(name) + " " + shown(first) + " and " + shown(second);
  }
  return "";
}

}  // namespace turbo::experiments
