#include "process/config_reader.h"

#include <yaml-cpp/yaml.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "core/utility/model_config.h"
#include "process/logging.h"

namespace turbo {

struct ConfigSection::State {
  std::string file;
  std::string prefix;  // "main_client_config_list[0]."
  YAML::Node node;     // a mapping, or null
  int line = 1;
  std::set<std::string> asked;
};

namespace {

constexpr std::size_t kMaxSocketPath = 100;  // sun_path holds 108; the lock beside a socket adds 5

int line_of(const YAML::Node& node, int fallback) {
  return node.Mark().is_null() ? fallback : node.Mark().line + 1;
}

// What somebody wrote there, short, for an error's text.
std::string shown(const YAML::Node& node) {
  if (node.IsNull()) return "nothing";
  if (node.IsSequence()) return "a list";
  if (node.IsMap()) return "a mapping";
  const std::string value = node.Scalar();
  return '"' + (value.size() > 60 ? value.substr(0, 60) + "..." : value) + '"';
}

std::string range_text(double min, double max) {
  std::string text = text_of(" from ", min, " to ", max);
  return text;
}

}  // namespace

ConfigSection::ConfigSection(std::shared_ptr<State> state) : state_(std::move(state)) {
  const YAML::Node& node = state_->node;
  if (!node.IsDefined() || node.IsNull()) return;
  if (!node.IsMap())
    throw UsageError(text_of(state_->file, ":", state_->line, ": ", state_->prefix,
                             " expected a mapping, got ", shown(node)));
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar())
      throw UsageError(
          text_of(state_->file, ":", line_of(entry.first, state_->line), ": a key must be plain text"));
    if (!seen.insert(entry.first.Scalar()).second)
      throw UsageError(text_of(state_->file, ":", line_of(entry.first, state_->line), ": ", state_->prefix,
                               entry.first.Scalar(), ": this key stands twice"));
  }
}

ConfigSection ConfigSection::load(const std::string& path) {
  auto state = std::make_shared<State>();
  state->file = path;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw UsageError(path + ": there is no such file; --config names the configuration");
  try {
    state->node = YAML::LoadFile(path);
  } catch (const YAML::ParserException& e) {
    throw UsageError(text_of(path, ":", e.mark.line + 1, ": not valid YAML: ", e.msg));
  } catch (const YAML::Exception& e) {
    throw UsageError(path + ": cannot be read: " + e.what());
  }
  if (!state->node.IsMap()) throw UsageError(path + ":1: expected a mapping of keys to values");
  return ConfigSection(std::move(state));
}

void ConfigSection::fail(const std::string& key, const std::string& expected) const {
  int line = state_->line;
  std::string got;
  if (state_->node.IsMap()) {
    line = line_of(state_->node, line);
    if (const YAML::Node value = state_->node[key]; value.IsDefined()) {
      line = line_of(value, line);
      got = ", got " + shown(value);
    }
  }
  throw UsageError(text_of(state_->file, ":", line, ": ", state_->prefix, key, ": expected ", expected, got));
}

const std::string& ConfigSection::file() const { return state_->file; }

bool ConfigSection::has(const std::string& key) const {
  if (!state_->node.IsMap()) return false;
  state_->asked.insert(key);
  const YAML::Node value = state_->node[key];
  return value.IsDefined() && !value.IsNull();
}

std::string ConfigSection::text(const std::string& key, const std::string& fallback) {
  return has(key) ? text(key) : fallback;
}

std::string ConfigSection::text(const std::string& key) {
  if (!has(key)) fail(key, "text");
  const YAML::Node value = state_->node[key];
  if (!value.IsScalar() || value.Scalar().size() > 4096) fail(key, "text");
  for (const char c : value.Scalar())
    if (static_cast<unsigned char>(c) < 0x20) fail(key, "text of one line");
  return value.Scalar();
}

int ConfigSection::integer(const std::string& key, int fallback, int min, int max) {
  if (!has(key)) return fallback;
  int value = 0;
  const YAML::Node node = state_->node[key];
  if (!node.IsScalar() || !YAML::convert<int>::decode(node, value) || value < min || value > max)
    fail(key, "a whole number" + range_text(min, max));
  return value;
}

double ConfigSection::number(const std::string& key, double fallback, double min, double max) {
  if (!has(key)) return fallback;
  double value = 0;
  const YAML::Node node = state_->node[key];
  if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !std::isfinite(value) ||
      value < min || value > max)
    fail(key, "a number" + range_text(min, max));
  return value;
}

bool ConfigSection::flag(const std::string& key, bool fallback) {
  if (!has(key)) return fallback;
  bool value = false;
  const YAML::Node node = state_->node[key];
  if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value)) fail(key, "true or false");
  return value;
}

std::vector<int> ConfigSection::integers(const std::string& key, int min, int max) {
  std::vector<int> out;
  if (!has(key)) return out;
  const YAML::Node node = state_->node[key];
  const std::string expected = "a list of whole numbers" + range_text(min, max);
  if (!node.IsSequence()) fail(key, expected);
  for (const YAML::Node& item : node) {
    int value = 0;
    if (!item.IsScalar() || !YAML::convert<int>::decode(item, value) || value < min || value > max)
      fail(key, expected);
    out.push_back(value);
  }
  return out;
}

std::vector<double> ConfigSection::numbers(const std::string& key, double min, double max) {
  std::vector<double> out;
  if (!has(key)) return out;
  const YAML::Node node = state_->node[key];
  const std::string expected = "a list of numbers" + range_text(min, max);
  if (!node.IsSequence()) fail(key, expected);
  for (const YAML::Node& item : node) {
    double value = 0;
    if (!item.IsScalar() || !YAML::convert<double>::decode(item, value) || !(value >= min && value <= max))
      fail(key, expected);
    out.push_back(value);
  }
  return out;
}

std::vector<std::string> ConfigSection::texts(const std::string& key) {
  std::vector<std::string> out;
  if (!has(key)) return out;
  const YAML::Node node = state_->node[key];
  if (!node.IsSequence()) fail(key, "a list of texts");
  for (const YAML::Node& item : node) {
    if (!item.IsScalar() || item.Scalar().empty()) fail(key, "a list of texts");
    out.push_back(item.Scalar());
  }
  return out;
}

ImageSize ConfigSection::image_size(const std::string& key, ImageSize fallback) {
  if (!has(key)) return fallback;
  const auto values = integers(key, 1, 16384);
  if (values.size() < 2 || values.size() > 3 || (values.size() == 3 && values[2] != 3))
    fail(key, "[height, width] or [height, width, 3], in pixels");
  return {values[0], values[1]};
}

Duration ConfigSection::duration_ms(const std::string& key, double fallback_ms, double min_ms,
                                    double max_ms) {
  return from_milliseconds(number(key, fallback_ms, min_ms, max_ms));
}

std::string ConfigSection::path(const std::string& key, const std::string& fallback) {
  const std::string value = text(key, fallback);
  if (value.empty() || value.find("://") != std::string::npos) return value;
  const std::filesystem::path file(value);
  if (file.is_absolute()) return value;
  return (std::filesystem::path(state_->file).parent_path() / file).lexically_normal().string();
}

std::string ConfigSection::endpoint(const std::string& key, const std::string& fallback_name,
                                    const std::string& zmq_dir) {
  const std::string name = text(key, fallback_name);
  if (name.empty() || (name.find("://") == std::string::npos && name.find('/') != std::string::npos))
    fail(key, "a bare socket name, or an endpoint with ://");
  const std::string endpoint = resolve_endpoint(zmq_dir, name);
  if (endpoint.starts_with("ipc://") && endpoint.size() - 6 > kMaxSocketPath)
    fail(key, "a socket path of at most " + std::to_string(kMaxSocketPath) +
                  " characters: " + endpoint.substr(6) + " is longer; choose a shorter zmq_dir");
  return endpoint;
}

std::string ConfigSection::shm_name(const std::string& key, const std::string& fallback) {
  const std::string name = text(key, fallback);
  if (name.empty() || name.size() > 200 || name.find('/', 1) != std::string::npos || name == "/")
    fail(key, "the name of a shared memory region, without /");
  return name;
}

std::string ConfigSection::model_name(const std::string& key, const std::string& fallback) {
  const std::string name = text(key, fallback);
  if (name.find("-imgcomp") != std::string::npos || !parse_model_config(name + "-imgcompNone-inpcompNone"))
    fail(key, "a model's name, as td2: letters, digits, . _ -");
  return name;
}

std::string ConfigSection::device(const std::string& key, const std::string& fallback) {
  const std::string name = text(key, fallback);
  const bool cuda = name.starts_with("cuda:") && name.size() > 5 && name.size() <= 8 &&
                    name.find_first_not_of("0123456789", 5) == std::string::npos;
  if (name != "cpu" && !cuda) fail(key, "cpu or cuda:N");
  return name;
}

ConfigSection ConfigSection::section(const std::string& key) {
  auto state = std::make_shared<State>();
  state->file = state_->file;
  state->prefix = state_->prefix + key + ".";
  state->line = state_->line;
  if (has(key)) {
    state->node = state_->node[key];
    state->line = line_of(state->node, state_->line);
    if (!state->node.IsMap()) fail(key, "a mapping");
  }
  return ConfigSection(std::move(state));
}

std::vector<ConfigSection> ConfigSection::list(const std::string& key) {
  std::vector<ConfigSection> out;
  if (!has(key)) return out;
  const YAML::Node node = state_->node[key];
  if (!node.IsSequence()) fail(key, "a list");
  for (std::size_t i = 0; i < node.size(); ++i) {
    auto state = std::make_shared<State>();
    state->file = state_->file;
    state->prefix = text_of(state_->prefix, key, "[", i, "].");
    state->node = node[i];
    state->line = line_of(state->node, state_->line);
    if (!state->node.IsMap()) fail(key, "a list of mappings");
    out.push_back(ConfigSection(std::move(state)));
  }
  return out;
}

std::vector<std::string> ConfigSection::keys() const {
  std::vector<std::string> out;
  if (state_->node.IsMap())
    for (const auto& entry : state_->node) out.push_back(entry.first.Scalar());
  return out;
}

void ConfigSection::ignore(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!state_->node.IsMap() || !state_->node[name].IsDefined()) continue;
    state_->asked.insert(name);
    log_warning(state_->file, ":", line_of(state_->node[name], state_->line), ": ", state_->prefix, name,
                ": has no meaning here; ignored");
  }
}

void ConfigSection::finish() const {
  if (!state_->node.IsMap()) return;
  for (const auto& entry : state_->node)
    if (!state_->asked.contains(entry.first.Scalar()))
      throw UsageError(text_of(state_->file, ":", line_of(entry.first, state_->line), ": ", state_->prefix,
                               entry.first.Scalar(), ": unknown key"));
}

std::string resolve_endpoint(const std::string& zmq_dir, const std::string& name) {
  return name.find("://") != std::string::npos ? name : "ipc://" + zmq_dir + "/" + name;
}

}  // namespace turbo
