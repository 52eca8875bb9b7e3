#include "lab/figure/layout.h"

#include <gtest/gtest.h>

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
      for (const auto& [entry, at] : layout.legend)
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

TEST(Looks, DifferInMoreThanColour) {
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_TRUE(look(i).dashes != look(k).dashes || look(i).marker != look(k).marker) << i << ", " << k;
}

}  // namespace
}  // namespace turbo::figure
