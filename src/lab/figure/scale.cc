#include "lab/figure/scale.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>
#include <utility>

namespace turbo::figure {
namespace {

constexpr double kBarShare = 0.5;  // of a place, between a bar's middle and the next place's border
constexpr double kZeroIsNear =
    0.35;  // the axis begins at 0 when the lowest value is under this share of the highest
constexpr double kPadding = 0.04;   // of the range, beyond the outermost values
constexpr double kRounding = 1e-9;  // of a step between ticks
constexpr int kLargestPlainExponent = 4, kSmallestPlainExponent = -3;

double power_of_ten(double exponent) { return std::pow(10.0, exponent); }

// 1, 2, 2.5 or 5 times a power of ten, so that about `about` steps fill the range.
double nice_step(double range, int about) {
  const double raw = range / std::max(1, about);
  const double decade = power_of_ten(std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0})
    if (raw <= factor * decade * 1.01) return factor * decade;
  return 10 * decade;
}

std::string superscript(int exponent) {
  static constexpr const char* kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "⁻" : "";
  for (const char digit : std::to_string(std::abs(exponent))) text += kDigits[digit - '0'];
  return text;
}

std::string power_text(int exponent) { return "10" + superscript(exponent); }

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

bool is_within(double value, const Range& range) {
  return value >= range.low * (1 - kRounding) && value <= range.high * (1 + kRounding);
}

// What a logarithmic axis labels: these digits of every stride-th decade.
struct LogLabels {
  std::string_view digits;
  int stride = 1;

  bool has(int decade, int digit) const {
    return decade % stride == 0 && digits.find(static_cast<char>('0' + digit)) != std::string_view::npos;
  }
};

// The densest of which there are at most so many.
LogLabels log_labels(const Range& range, std::size_t most) {
  const int first = static_cast<int>(std::floor(std::log10(range.low))),
            last = static_cast<int>(std::ceil(std::log10(range.high)));
  const auto count = [&](const LogLabels& labels) {
    std::size_t found = 0;
    for (int decade = first; decade <= last; ++decade)
      for (int digit = 1; digit < 10; ++digit)
        found += labels.has(decade, digit) && is_within(digit * power_of_ten(decade), range) ? 1 : 0;
    return found;
  };
  for (const std::string_view digits : {"12357", "125", "13"})
    if (const LogLabels labels{digits}; count(labels) <= most) return labels;
  LogLabels labels{"1"};
  while (count(labels) > most) ++labels.stride;
  return labels;
}

struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  bool bars = false;

  void take(double value, bool log) {
    if (!std::isfinite(value) || (log && value <= 0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
};

Extent x_extent(const Panel& panel) {
  Extent extent;
  for (const auto& series : panel.series) {
    for (const double x : series.x) extent.take(x, panel.x.log);
  }
  for (const auto& rule : panel.rules)
    if (rule.vertical) extent.take(rule.at, panel.x.log);
  return extent;
}

Extent y_extent(const Panel& panel) {
  Extent extent;
  for (const auto& series : panel.series) {
    extent.bars |= series.mark == Mark::kBars;
    for (const auto* values : {&series.y, &series.low, &series.high})
      for (const double y : *values) extent.take(y, panel.y.log);
  }
  for (const auto& rule : panel.rules)
    if (!rule.vertical) extent.take(rule.at, panel.y.log);
  return extent;
}

// Never empty, and of some width where floating point can still tell ticks apart.
Range opened(Range range, const Axis& axis) {
  if (axis.log && !(range.low > 0)) range.low = range.high > 0 ? range.high / 1e3 : 1;
  const double least = 1e-9 * std::max(std::abs(range.low), std::abs(range.high));
  if (range.high - range.low > least) return range;
  if (axis.log) return {range.low / 2, range.low * 2};
  const double half = range.low == 0 ? 0.5 : std::abs(range.low) * 0.05;
  return {range.low - half, range.low + half};
}

Range with_given_ends(Range range, const Axis& axis) {
  if (axis.low && std::isfinite(*axis.low)) range.low = *axis.low;
  if (axis.high && std::isfinite(*axis.high)) range.high = *axis.high;
  if (range.high < range.low) (axis.low ? range.high : range.low) = axis.low ? range.low : range.high;
  return opened(range, axis);
}

}  // namespace

std::string number_text(double value) {
  if (value == 0 || !std::isfinite(value)) return value == 0 ? "0" : "";
  int exponent = static_cast<int>(std::floor(std::log10(std::abs(value)) + kRounding));
  if (exponent > kLargestPlainExponent || exponent < kSmallestPlainExponent) {
    const double mantissa = value / power_of_ten(exponent);
    if (std::abs(mantissa - 1) < 1e-6) return power_text(exponent);
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", mantissa);
    return std::string(text) + "×" + power_text(exponent);
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

bool Scale::shows(double value) const { return std::isfinite(value) && (!log_ || value > 0); }

double Scale::position(double value) const {
  if (log_) return std::log(value / range_.low) / std::log(range_.high / range_.low);
  return (value - range_.low) / (range_.high - range_.low);
}

std::vector<Tick> Scale::ticks(int about) const { return log_ ? decades(about) : linear_ticks(about); }

std::vector<Tick> Scale::linear_ticks(int about) const {
  const double step = nice_step(range_.high - range_.low, about);
  const double first = std::ceil(range_.low / step - kRounding),
               last = std::floor(range_.high / step + kRounding);
  const double most = std::max(std::abs(first), std::abs(last)) * step;
  // All of them with the same decimals; powers of ten only where the plain numbers are long.
  const int decimals =
      std::clamp(static_cast<int>(std::ceil(-std::log10(step) - kRounding)) +
                     (std::abs(step / power_of_ten(std::floor(std::log10(step))) - 2.5) < 1e-6),
                 0, 9);
  const bool plain =
      most < power_of_ten(kLargestPlainExponent + 2) && step > power_of_ten(kSmallestPlainExponent - 1);
  std::vector<Tick> ticks;
  for (double i = first; i <= last && ticks.size() < 100; ++i) {
    const double value = i * step;
    ticks.push_back({value, plain ? fixed(i == 0 ? 0 : value, decimals) : number_text(value)});
  }
  return ticks;
}

std::vector<Tick> Scale::decades(int about) const {
  const double low = std::log10(range_.low), high = std::log10(range_.high);
  if (high - low < 0.5) return linear_ticks(about);
  const LogLabels labels = log_labels(range_, static_cast<std::size_t>(std::max(2, about)) + 1);
  const bool plain = high <= kLargestPlainExponent && low >= kSmallestPlainExponent;
  std::vector<Tick> ticks;
  for (int decade = static_cast<int>(std::floor(low)); decade <= std::ceil(high); ++decade) {
    for (int digit = 1; digit < 10; ++digit) {
      const double value = digit * power_of_ten(decade);
      if (!is_within(value, range_) || (digit > 1 && labels.stride > 1)) continue;
      std::string label;
      if (labels.has(decade, digit)) label = plain || digit > 1 ? number_text(value) : power_text(decade);
      ticks.push_back({value, std::move(label)});
    }
  }
  return ticks;
}

Scale x_scale(const Panel& panel) {
  const auto& axis = panel.x;
  const Extent extent = x_extent(panel);
  Range range;
  if (!axis.categories.empty()) {
    range = {-kBarShare, static_cast<double>(axis.categories.size()) - 1 + kBarShare};
  } else if (!extent.empty()) {
    range = {extent.low, extent.high};
  }
  return {with_given_ends(range, axis), axis.log};
}

Scale y_scale(const Panel& panel) {
  const auto& axis = panel.y;
  const Extent extent = y_extent(panel);
  Range range;
  if (!extent.empty()) {
    range = {extent.low, extent.high};
    if (axis.log) {
      const double padding = std::pow(range.high / range.low, kPadding);
      range = {range.low / padding, range.high * padding};
    } else {
      const bool from_zero = extent.low >= 0 && (extent.bars || extent.low < kZeroIsNear * extent.high);
      const bool to_zero = extent.high <= 0 && (extent.bars || extent.high > kZeroIsNear * extent.low);
      if (extent.bars || from_zero || to_zero) range = {std::min(0.0, range.low), std::max(0.0, range.high)};
      if (extent.bars && range.low == range.high) range.high = 1;
      const double padding = (range.high - range.low) * kPadding;
      if (range.low != 0) range.low -= padding;
      if (range.high != 0) range.high += padding;
    }
  }
  return {with_given_ends(range, axis), axis.log};
}

void share_y_axes(Figure& figure) {
  std::vector<Scale> scales;
  for (const Panel& panel : figure.panels) {
    Panel all{.y = panel.y};
    for (const Panel& other : figure.panels) {
      if (other.y.label != panel.y.label) continue;
      all.series.insert(all.series.end(), other.series.begin(), other.series.end());
      all.rules.insert(all.rules.end(), other.rules.begin(), other.rules.end());
    }
    scales.push_back(y_scale(all));
  }
  for (std::size_t i = 0; i < scales.size(); ++i) {
    figure.panels[i].y.low = scales[i].low();
    figure.panels[i].y.high = scales[i].high();
  }
}

}  // namespace turbo::figure
