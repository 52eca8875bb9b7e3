#include "core/uplink/uplink.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using namespace std::chrono_literals;

struct UplinkTest : ::testing::Test {
  Time now{1h};
  LinkView link{8e6, 40ms};  // 1 kB a millisecond

  static Uplink make(Time now, Uplink::Settings settings = {}, int services = 1) {
    std::vector<Uplink::ServiceSettings> all;
    for (int i = 0; i < services; ++i)
      all.push_back({.service_id = static_cast<std::uint16_t>(i + 1), .rate_bps = 2e6, .queue_slo = 100ms});
    return Uplink(settings, all, now);
  }
  UplinkFrame frame(std::uint64_t id, std::int64_t size, Duration budget = 150ms) const {
    return {id, size, now, now + budget, nullptr};
  }
};

TEST_F(UplinkTest, StartsTheNewestAndCountsTheOther) {
  Uplink uplink = make(now);
  uplink.on_frame(now, 0, frame(1, 1000));
  uplink.on_frame(now, 0, frame(2, 1000));
  const auto started = uplink.next_start(now, link);
  ASSERT_TRUE(started);
  EXPECT_EQ(started->frame.context_id, 2u);
  EXPECT_EQ(started->budget, 150ms);
  EXPECT_EQ(uplink.counts(0).displaced, 1u);
  uplink.on_frame(now, 0, frame(3, 1000));
  EXPECT_FALSE(uplink.next_start(now, link)) << "one in flight";
  ASSERT_TRUE(uplink.next_turn(now));
  EXPECT_EQ(uplink.next_turn(now)->max_bytes, 1000);
  uplink.on_sent(now, 0, 1000);
  EXPECT_EQ(uplink.counts(0).finished, 1u);
  EXPECT_TRUE(uplink.next_start(now, link));
}

}  // namespace
}  // namespace turbo
