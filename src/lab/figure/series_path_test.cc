#include "lab/figure/series_path.h"

#include <gtest/gtest.h>

#include <cmath>

namespace turbo::figure {
namespace {

// "1,1 2,2 | 4,4": points with a space between, paths with a bar.
std::string text(const std::vector<std::vector<Point>>& paths) {
  std::string out;
  for (const auto& path : paths) {
    if (!out.empty()) out.append("| ");
    for (const auto& point : path)
      out.append(number_text(point.x)).append(",").append(number_text(point.y)).append(" ");
  }
  if (!out.empty()) out.pop_back();
  return out;
}

const Scale kTen{{0, 10}, false}, kLog{{0.1, 10}, true};
const double kNothing = std::nan("");

TEST(SeriesPath, LinesBreakWhereThereIsNothingToShow) {
  const Series series{"", {1, 2, 3, 4, 5}, {1, 2, kNothing, 4, 5}};
  EXPECT_EQ(text(line_paths(series, kTen, kTen)), "1,1 2,2 | 4,4 5,5");
  const Series with_zero{"", {0, 1, 2}, {1, 1, 1}};
  EXPECT_EQ(text(line_paths(with_zero, kLog, kTen)), "1,1 2,1");
}

TEST(SeriesPath, StepsHoldUntilTheNextAndTheLastToTheEnd) {
  const Series series{"", {0, 4, 6}, {1, 2, 3}, {}, {}, Mark::kSteps};
  EXPECT_EQ(text(line_paths(series, kTen, kTen)), "0,1 4,1 4,2 6,2 6,3 10,3");
  EXPECT_EQ(text(line_paths(series, kLog, kTen)), "0.1,1 4,1 4,2 6,2 6,3 10,3");
  const Series gap{"", {0, 4, 6}, {1, kNothing, 3}, {}, {}, Mark::kSteps};
  EXPECT_EQ(text(line_paths(gap, kTen, kTen)), "0,1 4,1 | 6,3 10,3");
}

TEST(SeriesPath, BandsAreClosedAndBreakOnBothSidesAtOnce) {
  const Series series{"", {1, 2, 3, 4, 5}, {5, 5, 5, 5, 5}, {4, 4, 4, kNothing, 4}, {6, 6, 6, 6, 6}};
  EXPECT_EQ(text(band_paths(series, kTen, kTen)), "1,4 2,4 3,4 3,6 2,6 1,6 | 5,4 5,6");
  EXPECT_TRUE(band_paths({"", {1}, {1}}, kTen, kTen).empty());
}

}  // namespace
}  // namespace turbo::figure
