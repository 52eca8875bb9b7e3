#include "lab/experiments/grid.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace turbo::experiments {
namespace {

constexpr std::size_t kMost = 10'000;
constexpr double kRounding = 1e-9;

std::vector<double> numbers(const std::string& text) {
  std::vector<double> found;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    double value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || !std::isfinite(value)) return {};
    found.push_back(value);
    if (next == end) return found;
    if (*next != ':') return {};
    at = next + 1;
  }
}

}  // namespace

std::vector<double> parse_grid(const std::string& option, const std::vector<std::string>& texts, double low,
                               double high) {
  std::vector<double> grid;
  for (const std::string& text : texts) {
    const std::vector<double> parts = numbers(text);
    const bool range = parts.size() == 3 && parts[2] > 0 && parts[0] <= parts[1];
    if (parts.size() != 1 && !range)
      throw std::invalid_argument(option + " " + text.substr(0, 60) + ": expected a number, or FROM:TO:STEP");
    const double steps = range ? std::floor((parts[1] - parts[0]) / parts[2] + kRounding) : 0;
    if (static_cast<double>(grid.size()) + steps >= static_cast<double>(kMost))
      throw std::invalid_argument(option + ": more than 10000 values");
    for (double i = 0; i <= steps; ++i) grid.push_back(range ? parts[0] + i * parts[2] : parts[0]);
  }
  for (const double value : grid)
    if (!(value >= low && value <= high)) {
      char text[96];
      std::snprintf(text, sizeof text, "%g: expected %g to %g", value, low, high);
      throw std::invalid_argument(option + " " + text);
    }
  refuse_repeats(option, grid);
  return grid;
}

void refuse_repeats(const std::string& option, std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end())
    throw std::invalid_argument(option + " " + twice->substr(0, 100) + ": given twice");
}

void refuse_repeats(const std::string& option, const std::vector<double>& numbers) {
  std::vector<std::string> names;
  for (const double number : numbers) {
    char text[40];
    std::snprintf(text, sizeof text, "%.9g", number);
    names.emplace_back(text);
  }
  refuse_repeats(option, std::move(names));
}

}  // namespace turbo::experiments
