#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/bench_udp/meter.h"
#include "lab/bench_udp/pacer.h"

namespace turbo {
namespace {

TEST(Meter, tells_rate_delay_and_order) {
  Meter meter;
  for (const std::uint64_t number : {0, 1, 3, 2, 4})
    meter.on_packet(number, 0, 10'000'000 + static_cast<std::int64_t>(number) * 1'000'000, 1472);
  const auto json = nlohmann::json::parse(meter.summary());
  EXPECT_EQ(json["packets"], 5);
  EXPECT_EQ(json["bytes"], 7500);
  EXPECT_EQ(json["reordered"], 1);
  EXPECT_NEAR(json["mbps"].get<double>(), 12, 1e-9);
  EXPECT_NEAR(json["delay_ms"]["min"].get<double>(), 10, 1e-9);
  EXPECT_NEAR(json["delay_ms"]["p50"].get<double>(), 12, 1e-9);
  EXPECT_NEAR(json["delay_ms"]["max"].get<double>(), 14, 1e-9);
}

TEST(Meter, says_nothing_of_rates_without_two_packets) {
  Meter meter;
  meter.on_packet(0, 0, 1, 10);
  EXPECT_FALSE(nlohmann::json::parse(meter.summary()).contains("mbps"));
}

TEST(Pacer, is_never_early_and_keeps_its_rate) {
  const Time start{std::chrono::hours(3)};
  const Pacer pacer(start, 3000);
  EXPECT_EQ(pacer.due(start - Duration(1)), 0u);
  EXPECT_EQ(pacer.due(start), 1u);
  for (std::uint64_t i = 1; i < 5000; ++i) {
    EXPECT_EQ(pacer.due(pacer.time_of(i) - Duration(1)), i);
    EXPECT_EQ(pacer.due(pacer.time_of(i)), i + 1);
  }
}

}  // namespace
}  // namespace turbo
