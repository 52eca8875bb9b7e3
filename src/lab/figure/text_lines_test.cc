#include "lab/figure/text_lines.h"

#include <gmock/gmock.h>

namespace turbo::figure {
namespace {

using testing::ElementsAre;

class TextLines : public testing::Test {
 protected:
  double width(const std::string& text) { return measure.text_width(text, font); }

  Canvas measure{FileKind::kPng, 1, 1};
  Font font{8};
};

TEST_F(TextLines, ArePartedAtSpacesAndLineEnds) {
  EXPECT_THAT(wrapped("one two\nthree", 1000, font, measure), ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("one two three", width("one two") + 0.1, font, measure),
              ElementsAre("one two", "three"));
  EXPECT_TRUE(wrapped("", 10, font, measure).empty());
}

TEST_F(TextLines, AWordThatIsTooWideIsBrokenWhereItsPartsEnd) {
  const std::string word = "/folder/of/traces/a.up,/folder/of/traces/b.up,/folder/of/traces/c.up";
  const double room = width("/folder/of/traces/a.up,") + 1;
  const auto lines = wrapped("--trace " + word + " --rtt 50", room, font, measure);
  EXPECT_THAT(lines, ElementsAre("--trace", "/folder/of/traces/a.up,", "/folder/of/traces/b.up,",
                                 "/folder/of/traces/c.up", "--rtt 50"));
  for (const std::string& text : {std::string(200, 'x'), std::string("ääääääääääääääääääää")}) {
    std::string all;
    for (const auto& line : wrapped(text, 40, font, measure)) {
      EXPECT_LE(width(line), 40);
      all += line;
    }
    EXPECT_EQ(all, text);
  }
  EXPECT_THAT(wrapped("abc", 0.1, font, measure), ElementsAre("a", "b", "c")) << "as narrow as it can be";
}

TEST_F(TextLines, WhatIsTooWideLosesItsMiddle) {
  EXPECT_EQ(shortened("short", 1000, font, measure), "short");
  const std::string text = "a-rather-long-name-of-a-trace-afternoon";
  const std::string shorter = shortened(text, 60, font, measure);
  EXPECT_LE(width(shorter), 60);
  EXPECT_TRUE(shorter.starts_with("a-ra") && shorter.ends_with("noon")) << shorter;
  EXPECT_EQ(shortened(text, 1, font, measure), "…");
}

}  // namespace
}  // namespace turbo::figure
