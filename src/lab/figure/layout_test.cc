#include "lab/figure/layout.h"

#include <gtest/gtest.h>

#include <tuple>

namespace turbo::figure {
namespace {

Figure many_lines(std::size_t panels, std::size_t series) {
  Figure figure;
  figure.title = "A title";
  figure.caption = std::string(300, 'x') + " " + std::string(300, 'y') + " a caption in several lines";
  for (std::size_t i = 0; i < panels; ++i) {
    Panel panel{
        "panel", {"bandwidth [Mbps]"}, {"utility [AP]"}, {}, {{true, 1, "now"}, {false, 2, "optimum"}}};
    for (std::size_t k = 0; k < series; ++k)
      panel.series.push_back({"series with a rather long name " + std::to_string(k), {0, 1}, {1, 2}});
    figure.panels.push_back(panel);
  }
  return figure;
}

bool overlap(const Box& a, const Box& b) {
  return a.left < b.right() && b.left < a.right() && a.top < b.bottom() && b.top < a.bottom();
}

TEST(Layout, NothingCoversTheDataAndAllIsOnThePage) {
  Canvas measure(FileKind::kPng, 1, 1);
  for (const std::size_t panels : {1, 2, 3, 4, 7}) {
    for (const std::size_t series : {0, 1, 5, 20}) {
      const auto figure = many_lines(panels, series);
      const auto layout = make_layout(figure, measure);
      std::vector<Box> boxes;
      for (const auto& panel : layout.panels) boxes.push_back(panel.frame);
      for (const auto& [entry, at, lines] : layout.legend)
        boxes.push_back({at.x, at.y - kTextSize / 2,
                         kLegendSample + 4 + measure.text_width(entry.name, {kTextSize}), kTextSize});
      for (std::size_t i = 0; i < layout.caption.size(); ++i)
        boxes.push_back({layout.caption_at.x, layout.caption_at.y + i * 1.35 * kSmallSize - kSmallSize / 2, 1,
                         kSmallSize});
      EXPECT_EQ(layout.legend.size(), series);
      for (std::size_t i = 0; i < boxes.size(); ++i) {
        EXPECT_TRUE(boxes[i].left >= 0 && boxes[i].right() <= layout.width && boxes[i].top >= 0 &&
                    boxes[i].bottom() <= layout.height)
            << panels << " panels, " << series << " series, box " << i;
        for (std::size_t k = 0; k < i; ++k)
          EXPECT_FALSE(overlap(boxes[i], boxes[k]))
              << panels << " panels, " << series << " series: " << i << ", " << k;
      }
    }
  }
}

TEST(Layout, ANameHasOneLookInAllPanels) {
  auto figure = many_lines(2, 3);
  std::swap(figure.panels[1].series[0], figure.panels[1].series[2]);
  const auto legend = legend_of(figure);
  ASSERT_EQ(legend.size(), 3u);
  for (const auto& panel : figure.panels)
    for (const auto& series : panel.series) EXPECT_EQ(legend[look_of(legend, series)].name, series.name);
}

TEST(Layout, ALongTitleIsWrapped) {
  auto figure = many_lines(1, 1);
  Canvas measure(FileKind::kPng, 1, 1);
  const double height = make_layout(figure, measure).height;
  figure.title =
      "Utility against bandwidth of every policy there is, with the exact allocator, over all that is known";
  const Layout layout = make_layout(figure, measure);
  EXPECT_GT(layout.title.size(), 1u);
  EXPECT_GT(layout.height, height);
}

Figure bars(const std::vector<std::string>& categories, std::size_t series) {
  Panel panel{"panel", {"link"}, {"gain [points]"}};
  panel.x.categories = categories;
  for (std::size_t k = 0; k < series; ++k)
    panel.series.push_back({.name = "policy " + std::to_string(k), .x = {0}, .y = {1}, .mark = Mark::kBars});
  return {"", "", {panel}, 1};
}

TEST(Layout, BarsLieWithAllNamesAtTheLeftAndTheirTextsAtTheRight) {
  Canvas measure(FileKind::kPng, 1, 1);
  const auto width = [&](const std::string& text) { return measure.text_width(text, {kTextSize}); };
  Figure figure = bars({"lte\nRTT 36 ms", "a link\nRTT 50 ms"}, 5);
  figure.panels[0].series[4].texts = {"2.69, which is 44 %"};
  figure.panels.push_back(bars({"wifi"}, 1).panels[0]);
  const Layout layout = make_layout(figure, measure);
  const auto& [many, one] = std::tie(layout.panels[0], layout.panels[1]);
  EXPECT_GT(many.frame.left, width("RTT 36 ms") + width("policy 4"));
  EXPECT_LT(many.frame.right() + width("2.69, which is 44 %"), layout.width);
  EXPECT_GT(many.frame.height, 2 * 5 * kTextSize);
  EXPECT_LT(one.frame.height, many.frame.height / 5) << "as high as its bars are";
  EXPECT_EQ(one.frame.left, many.frame.left);
  EXPECT_GT(one.frame.top, many.frame.bottom() + 2 * kTextSize) << "below the numbers and the label";
  EXPECT_LT(one.frame.bottom() + 2 * kTextSize, layout.height);
  EXPECT_TRUE(many.x_ticks.empty());
  EXPECT_TRUE(layout.legend.empty()) << "the names stand beside the bars";
  figure.panels[0].series.push_back({.name = "best", .x = {0}, .y = {2}, .mark = Mark::kReference});
  EXPECT_EQ(make_layout(figure, measure).legend.size(), 1u);
}

TEST(Layout, ACaptionOfOneLongWordStaysOnThePage) {
  Figure figure = many_lines(1, 1);
  figure.caption = "turbo-simulate drive --trace " + std::string(90, 'x') + "," + std::string(1000, 'y');
  Canvas measure(FileKind::kPng, 1, 1);
  const Layout layout = make_layout(figure, measure);
  for (const std::string& line : layout.caption)
    EXPECT_LE(layout.caption_at.x + measure.text_width(line, {kSmallSize}), layout.width) << line;
}

TEST(Layout, ANameWiderThanThePageHasLines) {
  Canvas measure(FileKind::kPng, 1, 1);
  Figure figure = many_lines(1, 2);
  figure.panels[0].series[0].name =
      "clairvoyant = exact = greedy = proportional = fixed:" + std::string(90, 'x');
  const Layout layout = make_layout(figure, measure);
  ASSERT_EQ(layout.legend.size(), 2u);
  EXPECT_GT(layout.legend[0].lines.size(), 2u);
  for (const auto& [entry, at, lines] : layout.legend)
    for (const std::string& line : lines)
      EXPECT_LE(at.x + kLegendSample + 4 + measure.text_width(line, {kTextSize}), layout.width) << line;
  EXPECT_GT(layout.legend[1].at.y, layout.legend[0].at.y + 2 * kTextSize);
  EXPECT_LT(layout.legend[1].at.y, layout.panels[0].frame.top);
}

TEST(Looks, DifferInMoreThanColour) {
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t k = 0; k < i; ++k) {
      EXPECT_TRUE(look(i).dashes != look(k).dashes || look(i).marker != look(k).marker) << i << ", " << k;
    }
}

}  // namespace
}  // namespace turbo::figure
