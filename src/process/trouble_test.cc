#include "process/trouble.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

TEST(TroubleTest, IsNewsWhenItBeginsChangesAndEnds) {
  Trouble trouble;
  EXPECT_FALSE(trouble.end());
  EXPECT_TRUE(trouble.begin("silent"));
  EXPECT_FALSE(trouble.begin("silent"));
  EXPECT_TRUE(trouble.begin("refused"));
  EXPECT_TRUE(trouble.begin("silent"));
  EXPECT_TRUE(trouble.end());
  EXPECT_FALSE(trouble.end());
  EXPECT_TRUE(trouble.begin("silent"));
}

TEST(TroubleTest, NumbersMakeNoDifferenceAndNoTextIsATroubleToo) {
  Trouble trouble;
  EXPECT_TRUE(trouble.begin("frame 12 of 5000 bytes"));
  EXPECT_FALSE(trouble.begin("frame 13 of 51234 bytes"));
  EXPECT_TRUE(trouble.end());
  EXPECT_TRUE(trouble.begin(""));
  EXPECT_FALSE(trouble.begin("7"));
  EXPECT_TRUE(trouble.end());
}

}  // namespace
}  // namespace turbo
