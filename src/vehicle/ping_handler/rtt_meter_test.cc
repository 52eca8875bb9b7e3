#include "vehicle/ping_handler/rtt_meter.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using std::chrono::milliseconds;
Time at(int ms) { return Time{} + milliseconds(ms); }

TEST(RttMeter, MeasuresTheLatestAnswered) {
  RttMeter meter;
  EXPECT_EQ(meter.rtt(at(0)), RttMeter::kLost);
  const auto first = meter.on_send(at(0)), second = meter.on_send(at(250));
  EXPECT_TRUE(meter.on_reply(at(290), second));
  EXPECT_EQ(meter.rtt(at(290)), milliseconds(40));
  EXPECT_TRUE(meter.on_reply(at(300), first));  // overtaken: older news
  EXPECT_EQ(meter.rtt(at(300)), milliseconds(40));
  EXPECT_FALSE(meter.on_reply(at(301), first));
  EXPECT_FALSE(meter.on_reply(at(301), 999));
}

TEST(RttMeter, ALostPingCountsAsOneSecond) {
  RttMeter meter;
  meter.on_reply(at(40), meter.on_send(at(0)));
  meter.on_send(at(250));
  EXPECT_EQ(meter.rtt(at(280)), milliseconds(40));
  EXPECT_EQ(meter.rtt(at(750)), milliseconds(500));  // at least that by now
  meter.on_tick(at(1250));
  EXPECT_EQ(meter.rtt(at(1250)), milliseconds(1000));
  EXPECT_TRUE(meter.latest()->lost);
  meter.on_reply(at(1290), meter.on_send(at(1250)));
  EXPECT_EQ(meter.rtt(at(1290)), milliseconds(40));
}

TEST(RttMeter, ALonelyLossIsForgottenWithTheNextAnswer) {
  RttMeter meter;
  meter.on_send(at(0));
  meter.on_reply(at(290), meter.on_send(at(250)));
  meter.on_tick(at(1100));
  EXPECT_EQ(meter.rtt(at(1100)), milliseconds(40));
}

TEST(RttMeter, SequenceNumbersWrap) {
  RttMeter meter;
  for (int i = 0; i < 70'000; ++i) ASSERT_TRUE(meter.on_reply(at(i * 250 + 20), meter.on_send(at(i * 250))));
  EXPECT_EQ(meter.rtt(at(69'999 * 250 + 20)), milliseconds(20));
}

}  // namespace
}  // namespace turbo
