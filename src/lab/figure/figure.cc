#include "lab/figure/figure.h"

#include <algorithm>
#include <stdexcept>

namespace turbo::figure {
namespace {

constexpr std::size_t kMaxPanels = 64, kMaxSeries = 64, kMaxPoints = 1'000'000;

std::size_t check(const Panel& panel) {
  if (panel.series.size() > kMaxSeries)
    throw std::invalid_argument("figure: more than 64 series in the panel \"" + panel.title + "\"");
  const auto lies = [](const Series& series) { return series.mark == Mark::kBars; };
  const auto stands = [&](const Series& series) { return !lies(series) && series.mark != Mark::kReference; };
  if (std::any_of(panel.series.begin(), panel.series.end(), lies) &&
      (panel.x.categories.empty() || std::any_of(panel.series.begin(), panel.series.end(), stands)))
    throw std::invalid_argument("figure: bars beside something else, or without categories, in the panel \"" +
                                panel.title + "\"");
  std::size_t points = 0;
  for (const auto& series : panel.series) {
    const auto matches = [&](const std::vector<double>& spread) {
      return spread.empty() || spread.size() == series.y.size();
    };
    if (series.x.size() != series.y.size() || !matches(series.low) || !matches(series.high) ||
        series.low.empty() != series.high.empty())
      throw std::invalid_argument("figure: the series \"" + series.name +
                                  "\" has not as many x, low and high as y");
    if (!series.texts.empty() && series.texts.size() != series.y.size())
      throw std::invalid_argument("figure: the series \"" + series.name + "\" has not as many texts as y");
    points += series.x.size();
  }
  return points;
}

}  // namespace

void check(const Figure& figure) {
  if (figure.panels.empty() || figure.panels.size() > kMaxPanels)
    throw std::invalid_argument("figure: expected 1 to 64 panels");
  std::size_t points = 0;
  for (const auto& panel : figure.panels) points += check(panel);
  if (points > kMaxPoints) throw std::invalid_argument("figure: more than a million points");
}

}  // namespace turbo::figure
