#include "lab/link/link_model.h"

#include <gtest/gtest.h>

#include <sstream>

#include "lab/link/setup.h"
#include "lab/link/status_log.h"
#include "lab/link/tun_device.h"

namespace turbo {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

const Time kStart{std::chrono::hours(5)};

LinkPacket packet(std::size_t size, std::uint64_t tag = 0) { return {size, tag}; }

DeliveryTrace trace_of(const std::string& text) {
  std::istringstream in(text);
  return parse_delivery_trace(in, "t");
}

std::string trace_error(const std::string& text) {
  try {
    trace_of(text);
  } catch (const LinkConfigError& error) {
    return error.what();
  }
  return "";
}

// Offers `size`-byte packets at `offered_bps` for `length`; returns what came out within it, in bit/s.
double carried_bps(LinkModel& link, double offered_bps, std::size_t size, Duration length) {
  const auto gap = from_seconds(static_cast<double>(size) * 8 / offered_bps);
  std::uint64_t bytes = 0;
  for (Time now = kStart; now < kStart + length; now += gap) {
    link.push(now, packet(size));
    while (const auto out = link.pop(now)) bytes += out->packet.size;
  }
  return static_cast<double>(bytes) * 8 / seconds(length);
}

TEST(LinkModel, delays_a_packet_by_the_delay_and_its_own_transmission) {
  LinkModel link({milliseconds(20), 0, 1}, constant_capacity(12e6));
  EXPECT_EQ(link.next_departure(), std::nullopt);
  ASSERT_TRUE(link.push(kStart, packet(1500)));
  EXPECT_EQ(link.next_departure(), kStart + milliseconds(21));
  EXPECT_FALSE(link.pop(kStart + milliseconds(21) - Duration(1)).has_value());
  EXPECT_TRUE(link.pop(kStart + milliseconds(21)).has_value());
}

TEST(LinkModel, keeps_the_order_and_the_tags) {
  LinkModel link({milliseconds(1), 0, 1}, constant_capacity(0));
  for (unsigned i = 0; i < 100; ++i) link.push(kStart + microseconds(i), packet(1 + i, i));
  for (unsigned i = 0; i < 100; ++i) {
    const auto out = link.pop(kStart + milliseconds(2));
    ASSERT_TRUE(out.has_value());
    EXPECT_EQ(out->packet.tag, i);
    EXPECT_EQ(out->packet.size, 1 + i);
    EXPECT_EQ(out->pushed_at, kStart + microseconds(i));
    EXPECT_EQ(out->arrives_at, out->pushed_at + milliseconds(1));
  }
}

TEST(LinkModel, carries_its_rate_within_one_percent) {
  for (const double rate_bps : {1e6, 14e6, 100e6})
    for (const std::size_t size : {200u, 1500u}) {
      LinkModel link({milliseconds(5), 0, 1}, constant_capacity(rate_bps),
                     std::make_unique<DropTail>(30'000));
      EXPECT_NEAR(carried_bps(link, rate_bps * 1.5, size, std::chrono::seconds(10)), rate_bps,
                  rate_bps * 0.01);
      EXPECT_GT(link.counters().packets_dropped, 0u);
    }
}

TEST(LinkModel, drops_what_does_not_fit_the_queue) {
  LinkModel link({Duration{}, 0, 1}, constant_capacity(12e6), std::make_unique<DropTail>(4500));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(link.push(kStart, packet(1500)));
  EXPECT_FALSE(link.push(kStart, packet(1500)));
  EXPECT_EQ(link.queued_bytes(kStart), 4500u);
  EXPECT_EQ(link.queued_bytes(kStart + milliseconds(1)), 3000u);
  EXPECT_TRUE(link.push(kStart + milliseconds(1), packet(1500)));
  EXPECT_EQ(link.counters().packets_dropped, 1u);
}

TEST(LinkModel, a_queue_shorter_than_a_packet_still_carries_one) {
  LinkModel link({Duration{}, 0, 1}, constant_capacity(12e6), std::make_unique<DropTail>(10));
  EXPECT_TRUE(link.push(kStart, packet(1500)));
  EXPECT_FALSE(link.push(kStart, packet(1)));
}

TEST(LinkModel, loses_by_its_probability_and_seed) {
  const auto pattern = [](std::uint64_t seed) {
    LinkModel link({Duration{}, 0.1, seed}, constant_capacity(0));
    std::vector<bool> kept;
    for (int i = 0; i < 20'000; ++i) kept.push_back(link.push(kStart, packet(1)));
    EXPECT_NEAR(static_cast<double>(link.counters().packets_lost), 2000, 200);
    return kept;
  };
  EXPECT_EQ(pattern(7), pattern(7));
  EXPECT_NE(pattern(7), pattern(8));
}

TEST(LinkModel, follows_a_trace_and_starts_it_over) {
  LinkModel link({milliseconds(10), 0, 1}, trace_capacity(trace_of("3\n3\n10\n"), kStart));
  for (int i = 0; i < 5; ++i) link.push(kStart, packet(1500));
  std::vector<Duration> at;
  while (const auto next = link.next_departure()) {
    at.push_back(*next - kStart);
    link.pop(*next);
  }
  EXPECT_EQ(at, (std::vector<Duration>{milliseconds(13), milliseconds(13), milliseconds(20), milliseconds(23),
                                       milliseconds(23)}));
}

TEST(LinkModel, small_packets_share_an_opportunity_and_large_ones_span_two) {
  const auto capacity = trace_capacity(trace_of("1\n2\n3\n4\n"), kStart);
  EXPECT_EQ(capacity->serve(kStart, 700), kStart + milliseconds(1));
  EXPECT_EQ(capacity->serve(kStart, 700), kStart + milliseconds(1));
  EXPECT_EQ(capacity->serve(kStart, 700), kStart + milliseconds(2));  // 600 of it in the second
  EXPECT_EQ(capacity->serve(kStart, 900), kStart + milliseconds(2));
  EXPECT_EQ(capacity->serve(kStart, 1), kStart + milliseconds(3));
}

TEST(LinkModel, an_opportunity_without_a_packet_is_lost) {
  const auto capacity = trace_capacity(trace_of("1\n2\n50\n"), kStart);
  EXPECT_EQ(capacity->serve(kStart + microseconds(2001), 10), kStart + milliseconds(50));
  EXPECT_EQ(capacity->serve(kStart + milliseconds(50), 1490), kStart + milliseconds(50));
  EXPECT_EQ(capacity->serve(kStart + milliseconds(50), 1), kStart + milliseconds(51));
}

TEST(LinkModel, carries_the_traces_mean_within_one_percent) {
  std::string text;
  for (int ms = 1; ms <= 1000; ++ms)
    if (ms % 3 == 0 && (ms < 400 || ms > 600)) text += std::to_string(ms) + "\n";
  text += "1000\n";
  const auto trace = trace_of(text);
  LinkModel link({milliseconds(20), 0, 1}, trace_capacity(trace, kStart),
                 std::make_unique<DropTail>(300'000));
  EXPECT_NEAR(carried_bps(link, trace.mean_bps() * 2, 1200, std::chrono::seconds(20)), trace.mean_bps(),
              trace.mean_bps() * 0.01);
}

TEST(LinkModel, never_holds_more_than_its_limit) {
  LinkModel link({std::chrono::hours(1), 0, 1}, constant_capacity(0));
  const std::size_t large = LinkModel::kMaxHeldBytes / 4;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(link.push(kStart, packet(large)));
  EXPECT_FALSE(link.push(kStart, packet(1)));
}

TEST(Capacity, counts_what_could_have_been_carried) {
  const auto trace = trace_capacity(trace_of("0\n5\n10\n"), kStart);
  EXPECT_DOUBLE_EQ(trace->bits_between(kStart, kStart + milliseconds(10)), 2 * 12000);
  EXPECT_DOUBLE_EQ(trace->bits_between(kStart, kStart + milliseconds(100)), 29 * 12000);
  EXPECT_DOUBLE_EQ(trace->bits_between(kStart + milliseconds(5), kStart + milliseconds(5)), 0);
  EXPECT_DOUBLE_EQ(constant_capacity(8e6)->bits_between(kStart, kStart + milliseconds(250)), 2e6);
}

TEST(DeliveryTrace, is_read_and_measured) {
  const auto trace = trace_of("0\n0\r\n7\n10\n");
  EXPECT_EQ(trace.opportunities_ms, (std::vector<std::uint32_t>{0, 0, 7, 10}));
  EXPECT_DOUBLE_EQ(trace.mean_bps(), 4.8e6);
}

TEST(DeliveryTrace, says_which_line_is_wrong) {
  EXPECT_EQ(trace_error(""), "t:1: expected at least one line, found none");
  EXPECT_EQ(trace_error("1\n2\nx\n"), "t:3: expected a time in whole milliseconds, 0 to 86400000, found 'x'");
  EXPECT_EQ(trace_error("1\n\n2\n"), "t:2: expected a time in whole milliseconds, 0 to 86400000, found ''");
  EXPECT_NE(trace_error("1\n2.5\n").find("t:2: "), std::string::npos);
  EXPECT_NE(trace_error("-1\n").find("t:1: "), std::string::npos);
  EXPECT_NE(trace_error("99999999999\n").find("t:1: "), std::string::npos);
  EXPECT_EQ(trace_error("5\n4\n"), "t:2: expected a time not before the previous line's 5, found 4");
  EXPECT_EQ(trace_error("0\n0\n"), "t:2: expected a last time over 0, at which the trace starts over");
  EXPECT_EQ(trace_error(std::string("\x1b[31m\0", 6)),
            "t:1: expected a time in whole milliseconds, 0 to 86400000, found '?[31m?'");
}

TEST(LinkSetup, refuses_impossible_values) {
  const auto refused = [](auto change) {
    LinkRequest request;
    change(request);
    try {
      make_link_pair(request, kStart);
    } catch (const LinkConfigError&) {
      return true;
    }
    return false;
  };
  EXPECT_FALSE(refused([](LinkRequest&) {}));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.delay_ms = -1; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.rate_mbps = -3; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.down_rate_mbps = -3; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.loss = 1.5; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.loss = std::stod("nan"); }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.queue_ms = 0; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.trace_path = "/no/such/trace"; }));
}

TEST(LinkSetup, both_directions_have_their_rate_and_queue) {
  LinkRequest request;
  request.rate_mbps = 8;
  request.down_rate_mbps = 80;
  request.queue_ms = 100;
  auto links = make_link_pair(request, kStart);
  EXPECT_DOUBLE_EQ(links.up.capacity().mean_bps(), 8e6);
  EXPECT_DOUBLE_EQ(links.down.capacity().mean_bps(), 80e6);
  int taken = 0;
  while (links.up.push(kStart, packet(1000))) ++taken;
  EXPECT_EQ(taken, 100);
}

TEST(StatusLog, tells_capacity_and_traffic_of_an_interval) {
  LinkModel link({Duration{}, 0, 1}, constant_capacity(12e6), std::make_unique<DropTail>(3000));
  for (int i = 0; i < 3; ++i) link.push(kStart, packet(1500));
  while (link.pop(kStart + milliseconds(1))) {
  }
  EXPECT_EQ(status_json(link, {}, kStart, kStart + milliseconds(1)),
            R"({"capacity_mbps":12.0,"delivered_mbps":12.0,"queue_bytes":1500,"lost":0,"dropped":1})");
}

TEST(InterfaceAddress, is_read_or_refused) {
  EXPECT_EQ(parse_interface_address("10.77.0.1/30").prefix, 30);
  for (const char* bad :
       {"", "10.77.0.1", "10.77.0.1/", "10.77.0.1/33", "10.77.0.1/0", "10.77.0/24", "a/24", "10.77.0.1/3x"})
    EXPECT_THROW(parse_interface_address(bad), LinkConfigError) << bad;
}

}  // namespace
}  // namespace turbo
