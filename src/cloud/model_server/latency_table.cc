#include "cloud/model_server/latency_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <stdexcept>

#include "cloud/model_server/csv.h"

namespace turbo {

LatencyTable::LatencyTable(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  int number = 0;
  const auto fail = [&](const std::string& expected) {
    throw std::runtime_error(path + ":" + std::to_string(number) + ": " + expected);
  };
  if (!file || !std::getline(file, line))
    throw std::runtime_error(path + ": a table of latencies is not to be read there");
  ++number;
  const auto columns = split_csv(line);
  const auto model = std::find(columns.begin(), columns.end(), "Model") - columns.begin();
  const auto runtime = std::find(columns.begin(), columns.end(), "Runtime [ms]") - columns.begin();
  const auto count = static_cast<std::ptrdiff_t>(columns.size());
  if (model == count || runtime == count) fail("expected the columns `Model` and `Runtime [ms]`");
  while (std::getline(file, line)) {
    ++number;
    if (line.empty() || line == "\r") continue;
    const auto fields = split_csv(line);
    if (fields.size() != columns.size()) fail("expected " + std::to_string(columns.size()) + " fields");
    const auto& text = fields[static_cast<std::size_t>(runtime)];
    double ms = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), ms);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || !std::isfinite(ms) || ms < 0 ||
        ms > 60'000)
      fail("expected a runtime from 0 to 60000 ms");
    auto& entry = runtimes_[fields[static_cast<std::size_t>(model)]];
    entry = std::max(entry, from_milliseconds(ms));
  }
}

std::optional<Duration> LatencyTable::find(const std::string& model_config) const {
  const auto found = runtimes_.find(model_config);
  return found == runtimes_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace turbo
