#include "core/uplink/service_meter.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart{1000s};
constexpr auto kConnected = true;

struct MeterTest : ::testing::Test {
  MeterTest() { meter.on_choice("a-imgcompNone-inpcomp50-fps2", kName); }
  void frame(std::uint64_t context, std::int64_t bytes = 1000) {
    meter.on_frame(context, kName, bytes, kStart + 100ms);
  }
  void send(std::uint64_t context) {
    frame(context);
    meter.on_end(context, FrameEnd::kSent, kConnected);
  }
  void expect(int finished, int in_time, Time now = kStart) {
    const auto counts = meter.take_counts(now);
    EXPECT_EQ(counts.finished, finished);
    EXPECT_EQ(counts.in_time, in_time);
  }

  static constexpr const char* kName = "a-imgcompNone-inpcomp50";
  ServiceMeter meter;
};

TEST_F(MeterTest, AnAnswerByTheDeadlineIsInTimeALaterOneAMiss) {
  send(1);
  send(2);
  expect(0, 0);
  meter.on_answer(kStart + 100ms, 1, 20ms, 30ms);
  expect(1, 1);
  meter.on_answer(kStart + 101ms, 2, 20ms, 30ms);
  expect(1, 0);
  expect(0, 0);
  EXPECT_DOUBLE_EQ(*meter.server_s().quantile(1), 0.020);
  EXPECT_DOUBLE_EQ(*meter.cloud_s().quantile(1), 0.030);
}

TEST_F(MeterTest, AFrameThatWasSentIsMissedAtItsDeadlineAndItsLateAnswerStillTellsItsTimes) {
  send(1);
  expect(0, 0, kStart + 100ms);
  expect(1, 0, kStart + 101ms);
  meter.on_answer(kStart + 150ms, 1, 90ms, 95ms);
  expect(0, 0, kStart + 151ms);
  EXPECT_DOUBLE_EQ(*meter.server_s().quantile(0.5), 0.090);
}

TEST_F(MeterTest, WhatIsDroppedOnTheWayIsAMiss) {
  std::uint64_t context = 0;
  for (const FrameEnd end : {FrameEnd::kDisplaced, FrameEnd::kExpired, FrameEnd::kHopeless,
                             FrameEnd::kCancelled, FrameEnd::kCancelledForFresher}) {
    frame(++context);
    meter.on_end(context, end, kConnected);
    expect(1, 0);
  }
  send(10);
  meter.on_end(10, FrameEnd::kDroppedByCloud, kConnected);
  expect(1, 0);
  send(11);
  meter.on_end(11, FrameEnd::kAnswered, kConnected);
  meter.on_answer(kStart, 11, std::nullopt, 5ms);  // the model server failed
  expect(1, 0);
  EXPECT_EQ(meter.cloud_s().size(), 0u);
}

TEST_F(MeterTest, WhatSaysNothingOfTheChoiceIsNotCounted) {
  frame(1);
  meter.on_end(1, FrameEnd::kDisplaced, !kConnected);
  frame(2);
  meter.on_end(2, FrameEnd::kExpired, !kConnected);
  frame(3);
  meter.on_end(3, FrameEnd::kAbandoned, kConnected);
  frame(4);
  meter.on_end(4, FrameEnd::kRefused, kConnected);
  send(5);
  meter.on_disconnected();
  expect(0, 0, kStart + 1s);
}

TEST_F(MeterTest, AnotherChoiceBeginsAnew) {
  send(1);
  send(2);
  meter.on_answer(kStart, 1, 20ms, 30ms);
  meter.on_choice("a-imgcompNone-inpcomp50-fps2", kName);
  EXPECT_EQ(meter.frame_bytes().size(), 2u) << "the same choice";
  meter.on_choice("b-imgcompNone-inpcomp75", "b-imgcompNone-inpcomp75");
  EXPECT_EQ(meter.choice(), "b-imgcompNone-inpcomp75");
  EXPECT_EQ(meter.frame_bytes().size(), 0u);
  EXPECT_EQ(meter.server_s().size(), 0u);
  meter.on_answer(kStart, 2, 20ms, 30ms);  // of the former one
  frame(3);                                // compressed before the choice was known
  meter.on_answer(kStart, 3, 20ms, 30ms);
  const ServiceMeter::Counts counts = meter.take_counts(kStart + 1s);
  EXPECT_EQ(counts.finished, 0);
  EXPECT_EQ(counts.in_time, 0);
  EXPECT_EQ(counts.all_finished, 3);
  EXPECT_EQ(counts.all_in_time, 3);
  EXPECT_EQ(meter.server_s().size(), 0u);
  meter.on_frame(4, "b-imgcompNone-inpcomp75", 500, kStart);
  EXPECT_DOUBLE_EQ(*meter.frame_bytes().quantile(0.5), 500);
}

TEST_F(MeterTest, BeforeAChoiceIsToldEveryFrameCounts) {
  ServiceMeter fresh;
  EXPECT_EQ(fresh.choice(), "");
  fresh.on_frame(1, "anything", 10, kStart);
  fresh.on_answer(kStart, 1, 1ms, std::nullopt);
  EXPECT_EQ(fresh.take_counts(kStart).in_time, 1);
  EXPECT_EQ(fresh.server_s().size(), 1u);
  EXPECT_EQ(fresh.cloud_s().size(), 0u);
}

TEST_F(MeterTest, HoldsABoundedNumberOfFrames) {
  for (std::uint64_t context = 1; context <= 100; ++context) frame(context);
  meter.on_answer(kStart, 1, 1ms, 1ms);  // gave way: nothing is said of it
  expect(0, 0);
  for (std::uint64_t context = 37; context <= 100; ++context) meter.on_answer(kStart, context, 1ms, 1ms);
  expect(64, 64);
}

}  // namespace
}  // namespace turbo
