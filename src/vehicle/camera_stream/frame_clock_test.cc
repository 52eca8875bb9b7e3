#include "vehicle/camera_stream/frame_clock.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using namespace std::chrono_literals;

TEST(FrameClock, GivesTheFirstMomentAfter) {
  const FrameClock clock(5, 0);
  EXPECT_EQ(clock.period(), 200ms);
  EXPECT_EQ(clock.next(Time(0ms)), Time(200ms));
  EXPECT_EQ(clock.next(Time(199ms)), Time(200ms));
  EXPECT_EQ(clock.next(Time(200ms)), Time(400ms));
  EXPECT_EQ(clock.next(Time(1h + 1ns)), Time(1h + 200ms));
}

TEST(FrameClock, CamerasTakeTurns) {
  const FrameClock clock(5, 0.5);
  EXPECT_EQ(clock.next(Time(0ms)), Time(100ms));
  EXPECT_EQ(clock.next(Time(100ms)), Time(300ms));
  EXPECT_EQ(clock.next(Time(299ms)), Time(300ms));
}

TEST(FrameClock, NeverStandsStill) {
  for (const double rate : {0.01, 3.0, 7.0, 30.0, 240.0}) {
    const FrameClock clock(rate, 0.37);
    Time time(12345ms);
    for (int i = 0; i < 1000; ++i) {
      const Time next = clock.next(time);
      ASSERT_GT(next, time);
      ASSERT_LE(next - time, clock.period());
      time = next;
    }
  }
}

}  // namespace
}  // namespace turbo
