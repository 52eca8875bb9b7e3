#include "lab/link/link_model.h"

#include <gtest/gtest.h>

#include <sstream>

#include "lab/link/codel.h"

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

TEST(LinkModel, late_calls_change_nothing) {
  const auto arrivals = [](Duration step) {
    LinkSettings settings{milliseconds(5), 0.05, 3};
    settings.jitter.most = milliseconds(4);
    settings.start = kStart;
    CoDel::Settings codel;
    codel.limit_bytes = 100'000;
    LinkModel link(settings, constant_capacity(10e6), std::make_unique<CoDel>(codel));
    std::vector<Time> result;
    Time next_pop = kStart;
    for (Time now = kStart; now < kStart + std::chrono::seconds(3); now += microseconds(1000)) {
      link.push(now, packet(1500));
      for (; next_pop <= now; next_pop += step)
        while (const auto out = link.pop(next_pop)) result.push_back(out->arrives_at);
    }
    while (const auto out = link.pop(kStart + std::chrono::seconds(9))) result.push_back(out->arrives_at);
    return result;
  };
  const auto exact = arrivals(microseconds(10));
  EXPECT_GT(exact.size(), 2000u);
  EXPECT_EQ(exact, arrivals(milliseconds(50)));
}

TEST(LinkModel, jitter_delays_within_its_bounds_and_never_reorders) {
  for (const auto shape : {JitterShape::kUniform, JitterShape::kNormal}) {
    LinkSettings settings{milliseconds(20), 0, 5};
    settings.jitter = {milliseconds(30), shape, milliseconds(10)};
    settings.start = kStart;
    LinkModel link(settings, constant_capacity(0));
    constexpr std::uint64_t kPackets = 20'000;
    Time last{};
    double sum_ms = 0;
    std::uint64_t came = 0;
    const auto take = [&](Time now) {
      while (const auto out = link.pop(now)) {
        EXPECT_EQ(out->packet.tag, came++);
        EXPECT_GE(out->arrives_at, last);
        last = out->arrives_at;
        const Duration delay = out->arrives_at - out->pushed_at;
        EXPECT_GE(delay, milliseconds(20));
        EXPECT_LE(delay, milliseconds(50));
        sum_ms += turbo::milliseconds(delay);
      }
    };
    for (std::uint64_t i = 0; i < kPackets; ++i) {
      const Time now = kStart + milliseconds(37) * i / 10;
      link.push(now, packet(100, i));
      take(now);
    }
    take(kStart + std::chrono::hours(1));
    EXPECT_EQ(came, kPackets);
    EXPECT_GT(sum_ms / kPackets, 34.5);  // the middle, and what keeping the order adds
    EXPECT_LT(sum_ms / kPackets, 40);
  }
}

TEST(LinkModel, an_outage_holds_what_fits_the_queue) {
  LinkModel link(
      {milliseconds(10), 0, 1},
      constant_capacity(12e6, OutageSchedule({{kStart + milliseconds(2), kStart + milliseconds(100)}})),
      std::make_unique<DropTail>(4500));
  for (int ms = 0; ms < 50; ++ms)
    link.push(kStart + milliseconds(ms), packet(1500, static_cast<unsigned>(ms)));
  EXPECT_EQ(link.counters().packets_dropped, 45u);
  EXPECT_EQ(link.queued_bytes(kStart + milliseconds(50)), 4500u);
  EXPECT_EQ(link.queued_time(kStart + milliseconds(50)), milliseconds(53));
  std::vector<Duration> at;
  while (const auto next = link.next_departure())
    while (const auto out = link.pop(*next)) at.push_back(out->arrives_at - kStart);
  EXPECT_EQ(at, (std::vector<Duration>{milliseconds(11), milliseconds(12), milliseconds(111),
                                       milliseconds(112), milliseconds(113)}));
}

// What queues when packets come 10 % faster than they leave, once a minute has passed.
Duration standing_sojourn(std::unique_ptr<QueueDiscipline> discipline) {
  LinkModel link({}, constant_capacity(12e6), std::move(discipline));
  const auto run = [&](Time from, Time to) {
    for (Time now = from; now < to; now += microseconds(909)) {
      link.push(now, packet(1500));
      while (link.pop(now)) {
      }
    }
    const auto sojourns = link.take_sojourns();
    return sojourns.total / static_cast<int>(sojourns.packets);
  };
  run(kStart, kStart + std::chrono::seconds(60));
  return run(kStart + std::chrono::seconds(60), kStart + std::chrono::seconds(90));
}

TEST(LinkModel, codel_keeps_a_standing_queue_near_its_target) {
  const std::size_t limit = 300'000;  // 200 ms
  EXPECT_GT(standing_sojourn(std::make_unique<DropTail>(limit)), milliseconds(190));
  CoDel::Settings codel;
  codel.limit_bytes = limit;
  // A sender that never slows down: the RFC's own pseudocode keeps it at 23.9 ms, too.
  EXPECT_NEAR(turbo::milliseconds(standing_sojourn(std::make_unique<CoDel>(codel))), 23.9, 1);
  codel.target = milliseconds(20);
  const Duration longer = standing_sojourn(std::make_unique<CoDel>(codel));
  EXPECT_GT(longer, milliseconds(30));
  EXPECT_LT(longer, milliseconds(60));
}

TEST(LinkModel, codel_leaves_a_short_burst_alone) {
  CoDel::Settings codel;
  codel.limit_bytes = 300'000;
  LinkModel link({}, constant_capacity(12e6), std::make_unique<CoDel>(codel));
  for (int burst = 0; burst < 10; ++burst) {
    const Time now = kStart + std::chrono::seconds(burst);
    for (int i = 0; i < 90; ++i) EXPECT_TRUE(link.push(now, packet(1500)));  // 90 ms
    while (link.pop(now + milliseconds(900))) {
    }
  }
  EXPECT_EQ(link.counters().packets_out, 900u);
}

}  // namespace
}  // namespace turbo
