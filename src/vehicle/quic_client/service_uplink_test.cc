#include "vehicle/quic_client/service_uplink.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

struct Uplink : ::testing::Test {
  Time now{1h};
  ServiceUplink uplink{{3, 8e6, 100ms, 200ms}, now};  // 1 MB/s, 100 kB deep

  static ServiceUplink::Bytes message(std::size_t size) { return std::make_shared<Bytes>(size); }
  static FrameHeader header_of(const ServiceUplink::Outgoing& out) {
    FrameHeader header;
    EXPECT_EQ(decode(std::span<const std::uint8_t, kFrameHeaderBytes>(out.header->data(), kFrameHeaderBytes),
                     header),
              FrameError::kNone);
    return header;
  }
};

TEST_F(Uplink, GivesTheNewestFrameWithTheBudgetThatIsLeft) {
  uplink.on_frame(now, 1, message(10));
  uplink.on_frame(now, 2, message(20));
  now += 50ms;
  const auto out = uplink.next(now, true);
  ASSERT_TRUE(out);
  EXPECT_EQ(header_of(*out), (FrameHeader{FrameType::kRequest, 3, 2, 150'000, 20}));
  EXPECT_EQ(uplink.counts().displaced, 1u);
}

TEST_F(Uplink, OneFrameIsInFlightUntilTheTransportHasSentIt) {
  uplink.on_frame(now, 1, message(10));
  ASSERT_TRUE(uplink.next(now, true));
  uplink.on_frame(now, 2, message(10));
  uplink.on_frame(now, 3, message(10));
  EXPECT_FALSE(uplink.next(now, false));
  const auto out = uplink.next(now, true);
  ASSERT_TRUE(out);
  EXPECT_EQ(header_of(*out).context_id, 3u);
}

TEST_F(Uplink, AFrameThatWaitedTooLongIsNotSent) {
  uplink.on_frame(now, 1, message(10));
  ASSERT_TRUE(uplink.next(now, true));
  uplink.on_frame(now, 2, message(10));
  EXPECT_EQ(uplink.next_deadline(now, 0), now + 100ms);
  now += 100ms;
  EXPECT_FALSE(uplink.next(now, true));
  EXPECT_EQ(uplink.counts().expired, 1u);
  EXPECT_EQ(uplink.next_deadline(now, 0), Time::max());
}

TEST_F(Uplink, HoldsTheAllocatedRate) {
  uplink.on_frame(now, 1, message(500'000));
  ASSERT_TRUE(uplink.next(now, true));
  std::uint64_t left = 500'000;
  const Time start = now;
  while (left > 0) {
    const std::uint64_t bytes = std::min(left, uplink.allowance(now));
    uplink.on_sent(now, bytes);
    left -= bytes;
    if (left == 0) break;
    const Time next = uplink.next_deadline(now, left);
    ASSERT_GT(next, now);
    ASSERT_LT(next, now + 20ms);
    now = next;
  }
  EXPECT_NEAR(seconds(now - start), 0.4, 0.01) << "100 kB at once, the rest at 1 MB/s";
}

TEST_F(Uplink, AClosedServiceFinishesTheFrameInFlightAndStartsNoOther) {
  uplink.on_frame(now, 1, message(200'000));
  ASSERT_TRUE(uplink.next(now, true));
  uplink.on_sent(now, uplink.allowance(now));
  uplink.set_rate(now, 0);
  EXPECT_EQ(uplink.rate_bps(), 0);
  now += 50ms;
  EXPECT_EQ(uplink.allowance(now), 50'000u) << "as before";
  uplink.on_frame(now, 2, message(10));
  EXPECT_FALSE(uplink.next(now, true)) << "closed now";
  EXPECT_EQ(uplink.allowance(now), 0u);
  uplink.set_rate(now, 1e6);
  EXPECT_TRUE(uplink.next(now, true)) << "opened while the frame was fresh";
}

TEST_F(Uplink, ALostConnectionLosesTheFrameInFlightOnly) {
  uplink.on_frame(now, 1, message(200'000));
  ASSERT_TRUE(uplink.next(now, true));
  uplink.on_frame(now, 2, message(10));
  uplink.on_disconnected(now);
  const auto out = uplink.next(now, true);
  ASSERT_TRUE(out);
  EXPECT_EQ(header_of(*out).context_id, 2u);
}

}  // namespace
}  // namespace turbo
