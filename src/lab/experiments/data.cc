#include "lab/experiments/data.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "core/utility/model_table.h"

namespace turbo::experiments {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || std::filesystem::is_directory(path)) throw std::runtime_error(path + ": cannot be read");
  return text.str();
}

std::map<std::string, double> named_values(const std::vector<std::string>& texts) {
  std::map<std::string, double> values;
  for (const std::string& text : texts) {
    const auto equals = text.rfind('=');
    double value = 0;
    const char* const end = text.data() + text.size();
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size() ||
        std::from_chars(text.data() + equals + 1, end, value).ptr != end || !(value >= -1 && value <= 1))
      throw std::invalid_argument("--utility " + text +
                                  ": expected MODEL=VALUE or COMPRESSION=CHANGE, -1 to 1");
    if (!values.emplace(text.substr(0, equals), value).second)
      throw std::invalid_argument("--utility " + text + ": stands twice");
  }
  return values;
}

// A model's own, plus the change that its compression makes.
void give_utilities(ModelTable& table, const DataOptions& options) {
  auto values = named_values(options.utilities);
  std::map<std::string, bool> used;
  for (ModelRow& row : table.rows) {
    const auto model = values.find(row.config.model);
    if (model == values.end())
      throw std::invalid_argument("--utility: none for " + row.config.model + ", which stands in " +
                                  table.name);
    used[row.config.model] = true;
    double utility = model->second;
    const Compression compression =
        row.config.image != Compression::kNone ? row.config.image : row.config.input;
    if (const auto change = values.find(std::string(compression_name(compression))); change != values.end()) {
      used[change->first] = true;
      utility += change->second;
    }
    row.utility = std::clamp(utility, 0.0, 1.0);
  }
  for (const auto& [name, value] : values)
    if (!used[name])
      throw std::invalid_argument("--utility " + name + ": nothing in " + table.name + " is called so");
  table.has_utility = true;
}

ModelTable load_table(const DataOptions& options) {
  if (options.table.empty()) throw std::invalid_argument("--table: expected a model table");
  ModelTable table = parse_model_table(read_file(options.table), options.table);
  if (options.utilities.empty()) return table;
  if (table.has_utility)
    throw std::invalid_argument("--utility: " + options.table + " has utilities of its own");
  give_utilities(table, options);
  return table;
}

ScenarioData table_scenario(const DataOptions& options) {
  const ModelTable table = load_table(options);
  ScenarioData data{.name = "table"};
  for (int id = 1; id <= options.cameras; ++id) {
    Service service{.id = id,
                    .options = options_of(table, options.onvehicle_model, options.frames_per_s),
                    .frames_per_s = options.frames_per_s};
    add_frame_rates(service, options.frame_rates, std::numeric_limits<double>::infinity());
    data.global.push_back(std::move(service));
  }
  if (const std::string fault = fault_in(data.global); !fault.empty()) throw std::invalid_argument(fault);
  data.own = data.global;
  return data;
}

}  // namespace

std::vector<ScenarioData> load_scenarios(const DataOptions& options, std::span<const int>,
                                         const Shard& shard) {
  try {
    if (!shard.holds(0)) return {};
    return {table_scenario(options)};
  } catch (const std::runtime_error& error) {
    throw std::invalid_argument(error.what());
  }
}

}  // namespace turbo::experiments
