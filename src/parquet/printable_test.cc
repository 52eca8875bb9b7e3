#include "parquet/printable.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  for (const char* text : {"", "segment-10203656353524179475_7625", "a b'\"\\", "straße 東京 \U0001F697"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_TRUE(is_printable(text)) << text;
  }
}

TEST(Printable, NothingMovesTheCursor) {
  EXPECT_EQ(printable("a\nb\rc\td\x1b[31me\x7f"), "a?b?c?d?[31me?");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "??31m");  // an escape of one character
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a?b");
  EXPECT_FALSE(is_printable("a\nb"));
}

TEST(Printable, WhatIsNoUtf8IsReplacedByteByByte) {
  EXPECT_EQ(printable("\xFFx\xC3"), "?x?");
  EXPECT_EQ(printable("\xC0\xAF"), "??");            // '/' in two bytes
  EXPECT_EQ(printable("\xED\xA0\x80"), "???");       // half a pair
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "????");  // beyond the last character
  EXPECT_EQ(printable("\xE6\x9D"), "??");            // broken off
}

TEST(Printable, IsBoundedWithoutCuttingACharacter) {
  const std::string long_text(5'000'000, 'x');
  EXPECT_EQ(printable(long_text), std::string(100, 'x') + "...");
  EXPECT_EQ(printable("aß", 2), "a...");
  EXPECT_EQ(printable("aß", 3), "aß");
  EXPECT_FALSE(is_printable(long_text));
}

}  // namespace
}  // namespace turbo
