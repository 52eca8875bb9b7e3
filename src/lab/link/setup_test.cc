#include "lab/link/setup.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "lab/link/link_options.h"
#include "lab/link/status_log.h"
#include "lab/link/tun_device.h"

namespace turbo {
namespace {

using std::chrono::milliseconds;

const Time kStart{std::chrono::hours(5)};

LinkRequest parsed(std::vector<std::string> arguments) {
  CLI::App app;
  LinkOptions options;
  options.declare(app);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  app.parse(arguments);
  return options.request();
}

TEST(LinkOptions, a_plain_option_means_both_directions_and_its_own_wins) {
  const auto r = parsed({"--rate-mbps",   "8",   "--down-rate-mbps", "80",    "--delay-ms",   "20",
                         "--up-delay-ms", "30",  "--queue",          "codel", "--down-queue", "droptail",
                         "--down-loss",   "0.5", "--outage",         "1:2",   "--outage",     "3:4.5",
                         "--down-outage", "7:8", "--jitter-shape",   "normal"});
  EXPECT_EQ(r.up.rate_mbps, 8);
  EXPECT_EQ(r.down.rate_mbps, 80);
  EXPECT_EQ(r.up.delay_ms, 30);
  EXPECT_EQ(r.down.delay_ms, 20);
  EXPECT_EQ(r.up.queue, QueueKind::kCoDel);
  EXPECT_EQ(r.down.queue, QueueKind::kDropTail);
  EXPECT_EQ(r.up.loss, 0);
  EXPECT_EQ(r.down.loss, 0.5);
  ASSERT_EQ(r.up.outages.size(), 2u);
  EXPECT_EQ(r.up.outages[1].to_s, 4.5);
  ASSERT_EQ(r.down.outages.size(), 1u);
  EXPECT_EQ(r.down.jitter_shape, JitterShape::kNormal);
}

TEST(LinkOptions, a_direction_has_a_trace_or_a_rate) {
  auto r = parsed({"--trace", "both", "--down-rate-mbps", "80"});
  EXPECT_EQ(r.up.trace_path, "both");
  EXPECT_EQ(r.down.trace_path, "");
  EXPECT_EQ(r.down.rate_mbps, 80);
  r = parsed({"--rate-mbps", "9", "--up-trace", "up", "--down-trace", "down"});
  EXPECT_EQ(r.up.trace_path, "up");
  EXPECT_EQ(r.down.trace_path, "down");
  EXPECT_THROW(parsed({"--rate-mbps", "9", "--trace", "both"}), CLI::ParseError);
}

TEST(LinkOptions, a_queue_is_given_in_one_way) {
  auto r = parsed({"--queue-bytes", "5000", "--down-queue-ms", "30"});
  EXPECT_EQ(r.up.queue_bytes, 5000u);
  EXPECT_EQ(r.down.queue_bytes, 0u);
  EXPECT_EQ(r.down.queue_ms, 30);
  EXPECT_THROW(parsed({"--queue-bytes", "5000", "--queue-ms", "30"}), CLI::ParseError);
}

TEST(LinkOptions, says_what_is_wrong_with_an_outage) {
  for (const char* bad :
       {"", "5", "5:", ":5", "5:4", "5:5", "-1:3", "1:2:3", "a:b", "nan:3", "1:inf", "1:1e9"})
    EXPECT_THROW(parsed({std::string("--outage=") + bad}), std::exception) << bad;
  try {
    parsed({"--outage", "5:4"});
    FAIL();
  } catch (const LinkConfigError& error) {
    EXPECT_STREQ(error.what(), "--outage '5:4': expected FROM:TO in seconds, 0 <= FROM < TO <= 1000000");
  }
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
  EXPECT_TRUE(refused([](LinkRequest& r) { r.up.delay_ms = -1; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.up.rate_mbps = -3; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.down.rate_mbps = -3; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.down.loss = 1.5; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.up.loss = std::stod("nan"); }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.up.queue_ms = 0; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.up.jitter_every_ms = 0; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.down.codel_target_ms = -1; }));
  EXPECT_TRUE(refused([](LinkRequest& r) { r.down.trace_path = "/no/such/trace"; }));
}

TEST(LinkOptions, names_the_option_that_cannot_be_read) {
  try {
    parsed({"--up-loss", "x"});
    FAIL();
  } catch (const CLI::ParseError& error) {
    EXPECT_STREQ(error.what(), "Could not convert: --up-loss = x");
  }
}

TEST(LinkSetup, says_which_direction_is_wrong) {
  LinkRequest request;
  request.down.loss = 1.5;
  try {
    make_link_pair(request, kStart);
    FAIL();
  } catch (const LinkConfigError& error) {
    EXPECT_STREQ(error.what(), "--loss (down): expected a probability, 0 to 1, found 1.5");
  }
}

TEST(LinkSetup, both_directions_have_their_rate_queue_and_outages) {
  LinkRequest request;
  request.up.rate_mbps = 8;
  request.down.rate_mbps = 80;
  request.up.queue_ms = 100;
  request.down.outages = {{1, 2}};
  request.down.outage_kind = OutageKind::kDrop;
  auto links = make_link_pair(request, kStart);
  EXPECT_DOUBLE_EQ(links.up.capacity().mean_bps(), 8e6);
  EXPECT_DOUBLE_EQ(links.down.capacity().mean_bps(), 80e6);
  int taken = 0;
  while (links.up.push(kStart, {1000})) ++taken;
  EXPECT_EQ(taken, 100);
  EXPECT_FALSE(links.down.push(kStart + from_seconds(1.5), {1000}));
  EXPECT_TRUE(links.down.push(kStart + from_seconds(2), {1000}));
}

TEST(LinkSetup, directions_lose_and_jitter_apart_and_one_does_not_change_the_other) {
  LinkRequest request;
  for (auto* direction : {&request.up, &request.down}) {
    direction->loss = 0.3;
    direction->jitter_ms = 10;
  }
  const auto fates = [](LinkModel& link) {
    std::vector<Time> arrivals;
    for (int i = 0; i < 1000; ++i) {
      const Time now = kStart + std::chrono::milliseconds(50 * i);
      arrivals.push_back(link.push(now, {100}) ? link.pop(now + from_seconds(0.04))->arrives_at : Time{});
    }
    return arrivals;
  };
  auto links = make_link_pair(request, kStart);
  const auto up = fates(links.up);
  EXPECT_NE(up, fates(links.down));
  request.down.loss = 0;
  auto changed = make_link_pair(request, kStart);
  EXPECT_EQ(up, fates(changed.up));
}

TEST(StatusLog, tells_capacity_and_traffic_of_an_interval) {
  LinkModel link({Duration{}, 0, 1}, constant_capacity(12e6), std::make_unique<DropTail>(3000));
  for (int i = 0; i < 3; ++i) link.push(kStart, {1500});
  while (link.pop(kStart + milliseconds(1))) {
  }
  EXPECT_EQ(
      status_json(link, {}, kStart, kStart + milliseconds(1), kStart + milliseconds(1)),
      R"({"capacity_mbps":12.0,"delivered_mbps":12.0,"queue_bytes":1500,"queue_packets":1,"queue_ms":1.0,)"
      R"("sojourn_ms":0.5,"sojourn_max_ms":1.0,"lost":0,"dropped":1,"dropped_at_head":0})");
}

TEST(InterfaceAddress, is_read_or_refused) {
  EXPECT_EQ(parse_interface_address("10.77.0.1/30").prefix, 30);
  for (const char* bad :
       {"", "10.77.0.1", "10.77.0.1/", "10.77.0.1/33", "10.77.0.1/0", "10.77.0/24", "a/24", "10.77.0.1/3x"})
    EXPECT_THROW(parse_interface_address(bad), LinkConfigError) << bad;
}

}  // namespace
}  // namespace turbo
