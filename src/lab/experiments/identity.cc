#include "lab/experiments/identity.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <set>
#include <sstream>

namespace turbo::experiments {
namespace {

constexpr const char* kData = "data";

const std::set<std::string>& left_out() {
  static const std::set<std::string> names{"help",    "version", "shard",     "results", "threads",
                                           "figures", "json",    "all",       "data",    "evaluation",
                                           "table",   "policy",  "allocator", "budget"};
  return names;
}

std::string value_of(const CLI::Option& option) {
  std::string text;
  for (const std::string& value : option.results()) text += (text.empty() ? "" : ",") + value;
  if (!option.results().empty()) return text;
  text = option.get_default_str();
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);  // a list
  return text;
}

std::uint64_t digest(const std::string& text) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

Identity identity_of(const CLI::App& app, const std::string& data) {
  Identity identity{{kData, data}};
  for (const CLI::Option* option : app.get_options())
    if (const std::string name = option->get_single_name(); !left_out().contains(name))
      if (std::string value = value_of(*option); !value.empty()) identity.emplace(name, std::move(value));
  return identity;
}

std::string fingerprint(std::span<const std::string> scenarios, std::span<const Service> services) {
  std::ostringstream text;
  text << std::hexfloat;
  for (const std::string& name : scenarios) text << name.size() << name;
  for (const Service& service : services) {
    text << '\n'
         << service.id << ' ' << service.weight << ' ' << service.min_utility << ' ' << service.slo_ms;
    for (const ModelOption& option : service.options)
      text << '\n'
           << option.config << ' ' << option.size_megabits << ' ' << option.runtime_ms << ' '
           << option.utility;
  }
  char line[64];
  std::snprintf(line, sizeof line, "%zu scenario%s, %016llx", scenarios.size(),
                scenarios.size() == 1 ? "" : "s", static_cast<unsigned long long>(digest(text.str())));
  return line;
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
  for (const std::string& name : in_order) {
    const auto in = [&](const Identity& identity) {
      const auto found = identity.find(name);
      return found == identity.end() ? std::string("none") : found->second.substr(0, 100);
    };
    if (in(a) != in(b)) return (name == kData ? "" : "--") + name + " " + in(a) + " and " + in(b);
  }
  return "";
}

}  // namespace turbo::experiments
