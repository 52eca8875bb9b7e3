#include "lab/figure/text_chart.h"

#include <gmock/gmock.h>

#include <cmath>
#include <sstream>

namespace turbo::figure {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr TextStyle kPlain{40, false, false};

Figure steps() {
  Panel panel{"", {"bandwidth [Mbps]"}, {"utility"}, {}};
  panel.x.low = 0, panel.x.high = 10, panel.y.low = 0, panel.y.high = 1;
  panel.series.push_back({"near", {0, 2}, {0.25, 1}, {}, {}, Mark::kSteps});
  panel.series.push_back({"far", {0, 5}, {0.25, 0.75}, {}, {}, Mark::kSteps});
  return {"Curves", "", {panel}};
}

TEST(TextChart, StepsInPlainAscii) {
  const auto text = text_chart(steps(), kPlain, 5);
  EXPECT_EQ(text,
            "Curves\n"
            "  a near   b far\n"
            "     utility\n"
            "1.0 +       aaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
            "    |       a         bbbbbbbbbbbbbbbbb\n"
            "0.5 +       a         b\n"
            "    |bbbbbbbbbbbbbbbbbb\n"
            "0.0 +\n"
            "    ++----------------+---------------+\n"
            "     0                5              10\n"
            "              bandwidth [Mbps]\n")
      << text;
}

TEST(TextChart, KeepsToItsWidthAndItsLetters) {
  auto figure = steps();
  figure.panels[0].y.log = true;
  figure.panels[0].y.low = 1e-6;
  for (const std::size_t columns : {40, 61, 80, 100}) {
    std::istringstream lines(text_chart(figure, {columns, false, false}));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), columns) << line;
      for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
    }
  }
}

TEST(TextChart, ColoursOnlyWhereTheyAreWanted) {
  EXPECT_THAT(text_chart(steps(), {60, true, true}), HasSubstr("\x1b[38;5;"));
  EXPECT_THAT(text_chart(steps(), {60, true, false}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(text_chart(steps(), {60, true, false}), HasSubstr("⠤"));
}

TEST(TextChart, BarsLieWithTheirNumbers) {
  Panel panel{"", {"link"}, {"gain [points]"}, {}};
  panel.x.categories = {"LTE", "5G"};
  panel.series.push_back({"exact", {0, 1}, {10, 5}, {}, {}, Mark::kBars});
  panel.series.push_back({"none", {0, 1}, {0, std::nan("")}, {}, {}, Mark::kBars});
  panel.y.high = 10;
  EXPECT_EQ(text_chart({"", "", {panel}}, kPlain),
            "gain [points]\n"
            "LTE\n"
            "  exact ##################### 10\n"
            "  none  0\n"
            "5G\n"
            "  exact ########## 5\n");
}

TEST(TextChart, AbsurdValuesDoNoHarm) {
  auto figure = steps();
  for (const double x : {1e300, -1e300, std::nan("")}) figure.panels[0].series[0].x.push_back(x);
  figure.panels[0].series[0].y.resize(5, 1e300);
  figure.panels[0].x.high.reset();
  EXPECT_FALSE(text_chart(figure, kPlain).empty());
  EXPECT_FALSE(text_chart({"", "", {Panel{}}}, kPlain).empty());
}

}  // namespace
}  // namespace turbo::figure
