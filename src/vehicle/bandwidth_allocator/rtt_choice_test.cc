#include "vehicle/bandwidth_allocator/rtt_choice.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using namespace std::chrono_literals;

constexpr Time kNow{100s};

TEST(RttChoice, TakesTheMedianOfThreePings) {
  RttChoice rtt;
  const auto after = [&](double ping_ms) {
    rtt.on_ping(kNow, ping_ms);
    EXPECT_EQ(rtt.choose(kNow, 90).source, "ping");
    return rtt.choose(kNow, 90).rtt_ms;
  };
  EXPECT_EQ(after(40), 40);
  EXPECT_EQ(after(1000), 40);  // one lost
  EXPECT_EQ(after(42), 42);
  EXPECT_EQ(after(88), 88);  // of 1000, 42, 88
  EXPECT_EQ(after(43), 43);
}

TEST(RttChoice, TakesQuicsWhereNoPingComesBack) {
  RttChoice rtt;
  EXPECT_EQ(rtt.choose(kNow, 54).rtt_ms, 54);  // none was answered yet
  rtt.on_ping(kNow, 1000);
  EXPECT_EQ(rtt.choose(kNow, 55).rtt_ms, 55);
  EXPECT_EQ(rtt.choose(kNow, 55).source, "quic");
  rtt.on_ping(kNow, 40);
  EXPECT_EQ(rtt.choose(kNow, 55).source, "ping");
  rtt.on_ping(kNow, std::nullopt);
  EXPECT_EQ(rtt.choose(kNow, 56).rtt_ms, 56);
}

TEST(RttChoice, AnOldPingIsNone) {
  RttChoice rtt;
  rtt.on_ping(kNow, 40);
  EXPECT_EQ(rtt.choose(kNow + 1s, 60).source, "ping");
  EXPECT_EQ(rtt.choose(kNow + 1001ms, 60).source, "quic");
}

TEST(RttChoice, WhereNobodyKnowsNothingIsOffloaded) {
  RttChoice rtt;
  rtt.on_ping(kNow, 5000);
  EXPECT_EQ(rtt.choose(kNow, 0).rtt_ms, RttChoice::kLostMs);
  EXPECT_EQ(rtt.choose(kNow, 0).source, "unknown");
}

}  // namespace
}  // namespace turbo
