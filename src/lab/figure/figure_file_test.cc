#include "lab/figure/figure_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/temporary_folder.h"

namespace turbo::figure {
namespace {

Figure every_mark() {
  Figure figure{"Title", "caption", {}};
  for (const auto mark : {Mark::kLine, Mark::kSteps, Mark::kPoints, Mark::kBars}) {
    Panel panel{"panel", {"x [s]"}, {"y [Mbps]"}, {}, {{true, 2, "here"}, {false, 2, "there"}}};
    if (mark == Mark::kBars) panel.x.categories = {"none", "lte", "5G\nRTT 20 ms", "wifi", "satellite"};
    for (int k = 0; k < 9; ++k)
      panel.series.push_back({std::string(1, static_cast<char>('a' + k)),
                              {1, 2, 3, 4},
                              {1.0 + k, -2, std::nan(""), 1e300},
                              {0, 1, 2, std::nan("")},
                              {3, 4, 5, 6},
                              mark});
    figure.panels.push_back(panel);
  }
  return figure;
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(FigureFile, EveryKindByItsEnding) {
  const test::TemporaryFolder folder;
  const std::pair<const char*, std::string> kinds[] = {
      {"a.svg", "<?xml"}, {"b.png", "\x89PNG"}, {"c.pdf", "%PDF"}, {"D.SVG", "<?xml"}};
  for (const auto& [name, magic] : kinds) {
    write_figure(every_mark(), folder / name);
    EXPECT_TRUE(content(folder / name).starts_with(magic)) << name;
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 4);
}

TEST(FigureFile, TheSameFigureGivesTheSamePicture) {
  EXPECT_EQ(picture(every_mark(), FileKind::kSvg), picture(every_mark(), FileKind::kSvg));
  EXPECT_EQ(picture(every_mark(), FileKind::kPng), picture(every_mark(), FileKind::kPng));
}

TEST(FigureFile, AnSvgNeedsNoFontOfItsReader) {
  const auto svg = picture(every_mark(), FileKind::kSvg);
  EXPECT_EQ(svg.find("<text"), std::string::npos);
  EXPECT_NE(svg.find("<use"), std::string::npos);
}

TEST(FigureFile, EverySeriesIsDrawnInItsColour) {
  auto figure = every_mark();
  figure.panels.resize(1);
  const auto all = picture(figure, FileKind::kSvg);
  EXPECT_NE(all.find("stroke:rgb(83.5"), std::string::npos);  // vermilion, the second
  figure.panels[0].series.resize(1);
  EXPECT_EQ(picture(figure, FileKind::kSvg).find("stroke:rgb(83.5"), std::string::npos);
}

TEST(FigureFile, WhatCannotBeIsRefusedAndLeavesNothing) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(write_figure(every_mark(), folder / "a.gif"), std::invalid_argument);
  EXPECT_THROW(write_figure(every_mark(), folder / "svg"), std::invalid_argument);
  EXPECT_THROW(write_figure({}, folder / "a.svg"), std::invalid_argument);
  auto uneven = every_mark();
  uneven.panels[0].series[0].x.pop_back();
  EXPECT_THROW(write_figure(uneven, folder / "a.svg"), std::invalid_argument);
  auto bars = every_mark();
  bars.panels[3].series[8].texts = {"one of four"};
  EXPECT_THROW(write_figure(bars, folder / "a.svg"), std::invalid_argument);
  bars = every_mark();
  bars.panels[3].x.categories.clear();
  EXPECT_THROW(write_figure(bars, folder / "a.svg"), std::invalid_argument);
  bars = every_mark();
  bars.panels[3].series[0].mark = Mark::kLine;
  EXPECT_THROW(write_figure(bars, folder / "a.svg"), std::invalid_argument);
  EXPECT_THROW(write_figure(every_mark(), folder / "no/such/folder.svg"), std::runtime_error);
  std::filesystem::create_directory(folder / "taken.svg");
  EXPECT_THROW(write_figure(every_mark(), folder / "taken.svg"), std::runtime_error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(FigureFile, NoDataIsAPictureToo) {
  Figure figure{"", "", {Panel{}}};
  EXPECT_FALSE(picture(figure, FileKind::kSvg).empty());
  figure.panels[0].x.log = figure.panels[0].y.log = true;
  EXPECT_FALSE(picture(figure, FileKind::kSvg).empty());
}

}  // namespace
}  // namespace turbo::figure
