// What holds for the uplink whatever comes: random events by seed, and links that are too slow.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/uplink/uplink.h"

namespace turbo {
namespace {

using namespace std::chrono_literals;

TEST(UplinkProperties, EveryFrameIsCountedOnceWhateverHappens) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Time now{1h};
    const std::size_t services = 1 + random() % 4;
    const Uplink::Settings settings{random() % 2 == 0, random() % 4 != 0, random() % 4 != 0};
    Uplink uplink(settings,
                  std::vector(services, Uplink::ServiceSettings{.rate_bps = 1e6, .queue_slo = 80ms}), now);
    std::vector<std::uint64_t> flying(services, 0);  // by the owner's knowledge
    std::vector<std::int64_t> left(services, 0);
    std::uint64_t id = 0;
    LinkView link{4e6, 30ms};
    const auto decide = [&] {
      while (const auto cancelled = uplink.next_cancel(now, link)) {
        ASSERT_EQ(cancelled->context_id, flying[cancelled->service]);
        ASSERT_TRUE(settings.cancel);
        flying[cancelled->service] = 0;
      }
      while (const auto started = uplink.next_start(now, link)) {
        ASSERT_EQ(flying[started->service], 0u);
        ASSERT_GT(started->budget, 0ns);
        flying[started->service] = started->frame.context_id;
        left[started->service] = started->frame.size_bytes;
      }
    };
    for (int step = 0; step < 20'000; ++step) {
      const std::size_t service = random() % services;
      switch (random() % 16) {
        case 0:
          uplink.on_frame(now, service,
                          {++id, static_cast<std::int64_t>(random() % 60'000), now,
                           now + Duration(random() % 200'000'000), nullptr});
          break;
        case 1:
          if (random() % 8 == 0)
            uplink.set_allocation(now, service, 1e6 * (random() % 8),
                                  random() % 3 == 0 ? 1e6 * (random() % 9) : 1e18);
          break;
        case 2:
          link.rate_bps = 1e3 * (1 + random() % 20'000);
          link.low_bps = random() % 2 == 0 ? 0 : link.rate_bps / 2;
          break;
        case 3:
          if (random() % 100 == 0) {
            uplink.on_disconnected(now);
            std::fill(flying.begin(), flying.end(), 0);
          } else if (random() % 100 == 0) {
            uplink.refuse(now, service);
            flying[service] = 0;
          }
          break;
        case 4:
          uplink.set_server_time(service, Duration(random() % 50'000'000));
          break;
        case 5: {
          const Time next = uplink.next_deadline(now);
          ASSERT_TRUE(next > now || next == Time::max()) << "all was done by now";
          if (next != Time::max() && random() % 2 == 0) now = std::min(next, now + 50ms);
          break;
        }
        default:
          now += from_seconds(1e-3 * static_cast<double>(random() % 5));
      }
      decide();
      if (HasFatalFailure()) return;
      if (const auto turn = uplink.next_turn(now); turn && random() % 2 == 0) {
        ASSERT_NE(flying[turn->service], 0u);
        ASSERT_LE(turn->max_bytes, left[turn->service]);
        const auto bytes =
            std::min<std::int64_t>(turn->max_bytes, 1 + static_cast<std::int64_t>(random() % 1400));
        uplink.on_sent(now, turn->service, bytes);
        left[turn->service] -= bytes;
        if (left[turn->service] == 0) flying[turn->service] = 0;
        decide();
        if (HasFatalFailure()) return;
      }
    }
    std::uint64_t pushed = 0;
    bool nothing = true;
    for (std::size_t i = 0; i < services; ++i) {
      const UplinkCounts& c = uplink.counts(i);
      pushed += c.pushed;
      const std::uint64_t waiting = c.pushed - c.displaced - c.expired - c.hopeless - c.dropped - c.started;
      EXPECT_LE(waiting, settings.newest_first ? 1u : 8u);
      EXPECT_EQ(c.started, c.finished + c.cancelled + c.abandoned + (flying[i] != 0 ? 1 : 0));
      nothing = nothing && waiting == 0 && flying[i] == 0;
    }
    EXPECT_EQ(pushed, id);
    EXPECT_EQ(uplink.idle(), nothing);
  }
}

struct Outcome {
  double in_time_per_s, wasted_share, age_ms;
};

// Frames of one size at a rate, over a link of which the uplink knows the rate up to an error; the queue
// before the link is short (5 ms).
Outcome run(double frames_per_second, std::int64_t size, double link_bps, double believed_bps,
            Uplink::Settings settings, std::size_t services = 1, double flutter = 0) {
  Time now{1h};
  const Time begin = now;
  std::mt19937 random(5);
  Uplink uplink(
      settings,
      std::vector(services, Uplink::ServiceSettings{.rate_bps = link_bps / static_cast<double>(services),
                                                    .queue_slo = 100ms}),
      now);
  std::vector<Time> next_frame(services, now), born(services), due(services);
  for (std::size_t i = 0; i < services; ++i)
    next_frame[i] += from_seconds(static_cast<double>(i) / frames_per_second / static_cast<double>(services));
  Time link_free = now;
  std::uint64_t id = 0;
  double in_time = 0, sent = 0, useful = 0, age = 0;
  while (now - begin < 60s) {
    const double wobble = 1 + flutter * std::sin(seconds(now - begin) * 9);
    const Duration queue = std::max(link_free - now, Duration::zero());
    const LinkView view{.rate_bps = believed_bps * wobble, .rtt = 40ms + queue, .min_rtt = 40ms};
    for (std::size_t i = 0; i < services; ++i)
      for (; next_frame[i] <= now; next_frame[i] += from_seconds(1 / frames_per_second))
        uplink.on_frame(now, i, {++id, size, now, now + 150ms, nullptr});
    while (uplink.next_cancel(now, view)) {
    }
    while (const auto started = uplink.next_start(now, view)) {
      born[started->service] = started->frame.arrived;
      due[started->service] = started->frame.deadline;
    }
    while (link_free - now < 5ms) {
      const auto turn = uplink.next_turn(now);
      if (!turn) break;
      const auto bytes = std::min<std::int64_t>(turn->max_bytes, 1250);
      const auto before = uplink.counts(turn->service).finished;
      uplink.on_sent(now, turn->service, bytes);
      sent += static_cast<double>(bytes);
      link_free =
          std::max(link_free, now) + from_seconds(static_cast<double>(bytes) * 8 / (link_bps * wobble));
      if (uplink.counts(turn->service).finished > before && link_free + 40ms <= due[turn->service]) {
        ++in_time;
        useful += static_cast<double>(size);
        age += milliseconds(link_free + 40ms - born[turn->service]);
      }
      while (const auto started = uplink.next_start(now, view)) {
        born[started->service] = started->frame.arrived;
        due[started->service] = started->frame.deadline;
      }
    }
    now += 1ms;
  }
  return {in_time / 60, 1 - useful / std::max(sent, 1.0), age / std::max(in_time, 1.0)};
}

// A link slower than the frames come: what it carries in full is carried, nothing starves and nothing is
// wasted.
TEST(UplinkProperties, ASlowLinkCompletesAsManyFramesAsItCarries) {
  for (const double frames_per_second : {10.0, 15.0, 30.0, 60.0}) {
    const double carries = 10;  // frames of 60 kB a second over 4.8 Mbps: 100 ms each
    const Outcome outcome = run(frames_per_second, 60'000, 4.8e6, 4.8e6, {});
    SCOPED_TRACE(frames_per_second);
    EXPECT_GT(outcome.in_time_per_s, 0.85 * std::min(carries, frames_per_second) - 2) << outcome.wasted_share;
    EXPECT_LT(outcome.wasted_share, 0.25);
  }
}

TEST(UplinkProperties, AnEstimateThatIsOffCostsLittle) {
  for (const double factor : {0.8, 0.9, 1.0, 1.1, 1.25}) {
    const Outcome outcome = run(30, 40'000, 4.8e6, factor * 4.8e6, {}, 1, 0.2);
    SCOPED_TRACE(factor);
    EXPECT_GT(outcome.in_time_per_s, 10) << "of 15 that the link carries";
    EXPECT_LT(outcome.wasted_share, 0.2);
  }
}

TEST(UplinkProperties, FreshnessAndCancellingBringWhatTheyAreFor) {
  const Outcome all = run(30, 40'000, 4.8e6, 4.8e6, {}, 1, 0.3);
  const Outcome in_order = run(30, 40'000, 4.8e6, 4.8e6, {.cancel = false, .newest_first = false}, 1, 0.3);
  EXPECT_GT(all.in_time_per_s, 2 * in_order.in_time_per_s);
}

TEST(UplinkProperties, NoServiceStarvesAnother) {
  const Outcome outcome = run(10, 30'000, 9.6e6, 9.6e6, {}, 4);  // exactly what the link carries
  EXPECT_GT(outcome.in_time_per_s, 25) << "of 40";
}

}  // namespace
}  // namespace turbo
