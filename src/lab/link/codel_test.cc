#include "lab/link/codel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace turbo {
namespace {

using std::chrono::milliseconds;

const Time kStart{std::chrono::hours(5)};
constexpr std::size_t kManyBehind = 100'000;

// A packet each millisecond in [from_ms, to_ms), all with one sojourn; at which milliseconds they were
// dropped.
std::vector<int> drops(CoDel& codel, int from_ms, int to_ms, Duration sojourn,
                       std::size_t behind = kManyBehind) {
  std::vector<int> at;
  for (int ms = from_ms; ms < to_ms; ++ms)
    if (codel.drops_head(kStart + milliseconds(ms), sojourn, behind)) at.push_back(ms);
  return at;
}

TEST(CoDel, does_not_drop_below_the_target_or_before_an_interval_above_it) {
  CoDel codel({});
  EXPECT_TRUE(drops(codel, 0, 1000, milliseconds(4)).empty());
  EXPECT_TRUE(drops(codel, 1000, 1100, milliseconds(50)).empty());
  EXPECT_TRUE(drops(codel, 1100, 1101, milliseconds(4)).empty()) << "begins anew";
  EXPECT_TRUE(drops(codel, 1101, 1201, milliseconds(50)).empty());
}

TEST(CoDel, drops_more_and_more_often_while_it_stays_above) {
  CoDel codel({});
  std::vector<int> expected{100};
  double next = 100;
  for (int count = 1; count < 10; ++count) {
    next += 100 / std::sqrt(count);
    expected.push_back(static_cast<int>(std::ceil(next - 1e-6)));
  }
  const auto dropped = drops(codel, 0, expected.back() + 1, milliseconds(20));
  EXPECT_EQ(dropped, expected);
}

TEST(CoDel, stops_when_a_packet_was_below_the_target) {
  CoDel codel({});
  EXPECT_FALSE(drops(codel, 0, 500, milliseconds(20)).empty());
  EXPECT_TRUE(drops(codel, 500, 501, milliseconds(1)).empty());
  EXPECT_TRUE(drops(codel, 501, 601, milliseconds(20)).empty());
}

TEST(CoDel, resumes_near_the_rate_it_had_when_the_queue_is_back_soon) {
  CoDel soon({}), late({});
  for (auto* codel : {&soon, &late}) {
    drops(*codel, 0, 2000, milliseconds(20));
    drops(*codel, 2000, 2001, milliseconds(1));
  }
  const auto after_soon = drops(soon, 2001, 2500, milliseconds(20)).size();
  const auto after_late = drops(late, 12'001, 12'500, milliseconds(20)).size();
  EXPECT_GT(after_soon, 2 * after_late);
}

TEST(CoDel, does_not_drop_the_last_packet_of_a_queue) {
  CoDel codel({});
  EXPECT_TRUE(drops(codel, 0, 5000, milliseconds(500), 1500).empty());
}

TEST(CoDel, is_bounded_at_its_tail) {
  CoDel::Settings settings;
  settings.limit_bytes = 3000;
  const CoDel codel(settings);
  EXPECT_TRUE(codel.admits(1500, 1500));
  EXPECT_FALSE(codel.admits(1500, 1501));
  EXPECT_TRUE(codel.admits(9000, 0));
}

}  // namespace
}  // namespace turbo
