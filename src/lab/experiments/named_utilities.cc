#include "lab/experiments/named_utilities.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

namespace turbo::experiments {

std::map<std::string, double> named_values(const std::string& option, const std::vector<std::string>& texts,
                                           double low, double high) {
  std::map<std::string, double> values;
  for (const std::string& text : texts) {
    const auto equals = text.rfind('=');
    double value = 0;
    const char* const end = text.data() + text.size();
    const bool read = equals != std::string::npos && equals > 0 && equals + 1 < text.size() &&
                      std::from_chars(text.data() + equals + 1, end, value).ptr == end;
    if (!read || !(value >= low && value <= high)) {
      char range[64];
      std::snprintf(range, sizeof range, "%g to %g", low, high);
      throw std::invalid_argument(option + " " + text + ": expected NAME=VALUE, " + range);
    }
    if (!values.emplace(text.substr(0, equals), value).second)
      throw std::invalid_argument(option + " " + text + ": stands twice");
  }
  return values;
}

void give_utilities(ModelTable& table, const std::vector<std::string>& utilities) {
  if (table.has_utility)
    throw std::invalid_argument("--utility: " + table.name + " has utilities of its own");
  const auto values = named_values("--utility", utilities, -1, 1);
  std::set<std::string> used;
  for (ModelRow& row : table.rows) {
    const auto model = values.find(row.config.model);
    if (model == values.end())
      throw std::invalid_argument("--utility: none for " + row.config.model + ", which stands in " +
                                  table.name);
    used.insert(model->first);
    double utility = model->second;
    for (const Compression compression : {row.config.image, row.config.input}) {
      const auto change = values.find(std::string(compression_name(compression)));
      if (compression == Compression::kNone || change == values.end()) continue;
      used.insert(change->first);
      utility += change->second;
    }
    row.utility = std::clamp(utility, 0.0, 1.0);
  }
  for (const auto& [name, value] : values)
    if (!used.contains(name))
      throw std::invalid_argument("--utility " + name + ": nothing in " + table.name + " is called so");
  table.has_utility = true;
}

}  // namespace turbo::experiments
