#include "lab/figure/scale.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace turbo::figure {
namespace {

using testing::ElementsAre;

std::vector<std::string> labels(const Scale& scale, int about) {
  std::vector<std::string> all;
  for (const auto& tick : scale.ticks(about))
    if (!tick.label.empty()) all.push_back(tick.label);
  return all;
}

Panel panel_of(std::vector<double> x, std::vector<double> y, Mark mark = Mark::kLine) {
  Panel panel;
  panel.series.push_back({"", std::move(x), std::move(y), {}, {}, mark});
  return panel;
}

TEST(Scale, LinearTicksAreRoundNumbersWithTheSameDecimals) {
  EXPECT_THAT(labels({{0, 10}, false}, 5), ElementsAre("0", "2", "4", "6", "8", "10"));
  EXPECT_THAT(labels({{0.27, 0.51}, false}, 5), ElementsAre("0.30", "0.35", "0.40", "0.45", "0.50"));
  EXPECT_THAT(labels({{-1, 1}, false}, 4), ElementsAre("-1.0", "-0.5", "0.0", "0.5", "1.0"));
  EXPECT_THAT(labels({{0, 1e9}, false}, 2), ElementsAre("0", "5×10⁸", "10⁹"));
}

TEST(Scale, LogarithmicTicksAreDecadesWithMinorOnesBetween) {
  EXPECT_THAT(labels({{0.5, 200}, true}, 5), ElementsAre("1", "3", "10", "30", "100"));
  EXPECT_THAT(labels({{1, 50}, true}, 5), ElementsAre("1", "2", "5", "10", "20", "50"));
  EXPECT_THAT(labels({{0.2, 40}, true}, 8), ElementsAre("0.2", "0.5", "1", "2", "5", "10", "20"));
  EXPECT_THAT(labels({{2, 15}, true}, 5), ElementsAre("2", "3", "5", "7", "10"));
  EXPECT_THAT(labels({{0.1, 3000}, true}, 5), ElementsAre("0.1", "1", "10", "100", "1000"));
  EXPECT_THAT(labels({{1, 1e6}, true}, 4), ElementsAre("10⁰", "10²", "10⁴", "10⁶"));
  EXPECT_GT((Scale{{0.5, 200}, true}.ticks(5).size()), 15u);
}

TEST(Scale, TicksAreWithinTheRangeAndBounded) {
  for (const double low : {-1e100, -1.0, 0.0, 1e-100, 1e-9, 1.0, 1e12})
    for (const double width : {1e-6, 1.0, 1e9, 1e90})
      for (const bool log : {false, true}) {
        if (log && low <= 0) continue;
        const Scale scale{{low, low + width * std::max(1.0, std::abs(low))}, log};
        const auto ticks = scale.ticks(6);
        EXPECT_LT(ticks.size(), 3000u);
        for (const auto& tick : ticks) {
          EXPECT_GE(scale.position(tick.value), -1e-6);
          EXPECT_LE(scale.position(tick.value), 1 + 1e-6);
        }
      }
}

TEST(Scale, NumbersAreAsShortAsTheyCanBe) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(1500), "1500");
  EXPECT_EQ(number_text(0.25), "0.25");
  EXPECT_EQ(number_text(1e6), "10⁶");
  EXPECT_EQ(number_text(2.5e-7), "2.5×10⁻⁷");
  EXPECT_EQ(number_text(-1e6), "-1×10⁶");
}

TEST(Ranges, BarsAndNearlyZeroDataBeginAtZero) {
  EXPECT_EQ(y_scale(panel_of({0, 1}, {8, 9}, Mark::kBars)).low(), 0);
  EXPECT_EQ(y_scale(panel_of({0, 1}, {0, 0}, Mark::kBars)).low(), 0);
  EXPECT_EQ(y_scale(panel_of({0, 1}, {1, 9})).low(), 0);
  EXPECT_GT(y_scale(panel_of({0, 1}, {8, 9})).low(), 7);
  EXPECT_LT(y_scale(panel_of({0, 1}, {-1, 9})).low(), -1);
}

TEST(Ranges, GivenEndsHoldAndWhatCannotBeShownDoesNotCount) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  auto panel = panel_of({1, 2, kInfinity, 5}, {0.5, std::nan(""), 0.6, -3});
  panel.y.log = true;
  EXPECT_GT(y_scale(panel).low(), 0.4);
  EXPECT_EQ(x_scale(panel).high(), 5);
  panel.x.high = 3;
  EXPECT_EQ(x_scale(panel).high(), 3);
}

TEST(Ranges, OfPanelsWithTheSameLabelAreShared) {
  Figure figure{"", "", {panel_of({0, 1}, {8, 9}), panel_of({0, 1}, {20, 30}), panel_of({0, 1}, {0, 1})}};
  figure.panels[0].y.label = figure.panels[1].y.label = "utility";
  figure.panels[2].y.label = "bandwidth";
  share_y_axes(figure);
  EXPECT_EQ(figure.panels[0].y.low, figure.panels[1].y.low);
  EXPECT_LE(*figure.panels[1].y.low, 8);
  EXPECT_GE(*figure.panels[0].y.high, 30);
  EXPECT_LT(*figure.panels[2].y.high, 2);
}

TEST(Ranges, AreNeverEmpty) {
  for (const bool log : {false, true})
    for (const auto& y : {std::vector<double>{}, {7.0}, {0.0, 0.0}, {-5.0, -5.0}}) {
      auto panel = panel_of(std::vector<double>(y.size(), 3), y);
      panel.x.log = panel.y.log = log;
      for (const auto& scale : {x_scale(panel), y_scale(panel)}) {
        EXPECT_LT(scale.low(), scale.high());
        EXPECT_TRUE(!log || scale.low() > 0);
      }
    }
}

}  // namespace
}  // namespace turbo::figure
