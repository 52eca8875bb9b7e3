#include "lab/command_line/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turbo {
namespace {

TEST(Progress, SaysHowFarAndHowLong) {
  EXPECT_EQ(Progress::line("x", 0, 10, 3), "x: 0 % (0 of 10)");
  EXPECT_EQ(Progress::line("x", 4, 10, 6), "x: 40 % (4 of 10), 9 s to go");
  EXPECT_EQ(Progress::line("x", 10, 10, 6), "x: 100 % (10 of 10)");
}

TEST(Progress, IsSilentForShortWork) {
  testing::internal::CaptureStderr();
  {
    Progress progress("x", 0);
    for (int i = 0; i < 5; ++i) progress.advance();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace turbo
