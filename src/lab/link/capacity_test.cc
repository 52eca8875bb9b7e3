#include "lab/link/capacity.h"

#include <gtest/gtest.h>

#include <sstream>

namespace turbo {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

const Time kStart{std::chrono::hours(5)};

DeliveryTrace trace_of(const std::string& text) {
  std::istringstream in(text);
  return parse_delivery_trace(in, "t");
}

TEST(Capacity, small_packets_share_an_opportunity_and_large_ones_span_two) {
  const auto capacity = trace_capacity(trace_of("1\n2\n3\n4\n"), kStart);
  EXPECT_EQ(capacity->serve(kStart, 700), kStart + milliseconds(1));
  EXPECT_EQ(capacity->serve(kStart, 700), kStart + milliseconds(1));
  EXPECT_EQ(capacity->serve(kStart, 700), kStart + milliseconds(2));  // 600 of it in the second
  EXPECT_EQ(capacity->serve(kStart, 900), kStart + milliseconds(2));
  EXPECT_EQ(capacity->serve(kStart, 1), kStart + milliseconds(3));
}

TEST(Capacity, an_opportunity_without_a_packet_is_lost) {
  const auto capacity = trace_capacity(trace_of("1\n2\n50\n"), kStart);
  EXPECT_EQ(capacity->serve(kStart + microseconds(2001), 10), kStart + milliseconds(50));
  EXPECT_EQ(capacity->serve(kStart + milliseconds(50), 1490), kStart + milliseconds(50));
  EXPECT_EQ(capacity->serve(kStart + milliseconds(50), 1), kStart + milliseconds(51));
}

TEST(Capacity, counts_what_could_have_been_carried) {
  const auto trace = trace_capacity(trace_of("0\n5\n10\n"), kStart);
  EXPECT_DOUBLE_EQ(trace->bits_between(kStart, kStart + milliseconds(10)), 2 * 12000);
  EXPECT_DOUBLE_EQ(trace->bits_between(kStart, kStart + milliseconds(100)), 29 * 12000);
  EXPECT_DOUBLE_EQ(trace->bits_between(kStart + milliseconds(5), kStart + milliseconds(5)), 0);
  EXPECT_DOUBLE_EQ(constant_capacity(8e6)->bits_between(kStart, kStart + milliseconds(250)), 2e6);
}

TEST(Capacity, says_what_it_would_do_without_doing_it) {
  for (const bool traced : {false, true}) {
    const auto capacity = traced ? trace_capacity(trace_of("1\n2\n3\n4\n"), kStart) : constant_capacity(12e6);
    const Time whole = capacity->would_leave(kStart, 4500);
    EXPECT_EQ(capacity->would_leave(kStart, 4500), whole);
    capacity->serve(kStart, 1500);
    EXPECT_EQ(capacity->serve(kStart, 3000), whole);
  }
}

TEST(Capacity, a_constant_rate_pauses_during_outages_and_goes_on) {
  const OutageSchedule outages({{kStart + milliseconds(5), kStart + milliseconds(20)}});
  const auto capacity = constant_capacity(12e6, outages);  // 1500 bytes a millisecond
  EXPECT_EQ(capacity->serve(kStart, 6000), kStart + milliseconds(4));
  EXPECT_EQ(capacity->serve(kStart, 3000), kStart + milliseconds(21)) << "half of it before";
  EXPECT_EQ(capacity->begins(kStart + milliseconds(10)), kStart + milliseconds(21));
  EXPECT_DOUBLE_EQ(capacity->bits_between(kStart, kStart + milliseconds(25)), 10 * 12000);
  const auto unlimited = constant_capacity(0, outages);
  EXPECT_EQ(unlimited->serve(kStart + milliseconds(6), 1500), kStart + milliseconds(20));
}

TEST(Capacity, a_traces_opportunities_in_an_outage_are_lost) {
  const auto capacity =
      trace_capacity(trace_of("1\n2\n3\n4\n"), kStart,
                     OutageSchedule({{kStart + milliseconds(2), kStart + milliseconds(7)}}));
  EXPECT_EQ(capacity->serve(kStart, 1500), kStart + milliseconds(1));
  EXPECT_EQ(capacity->serve(kStart, 1500), kStart + milliseconds(7));
  EXPECT_EQ(capacity->serve(kStart, 1500), kStart + milliseconds(8));
  EXPECT_DOUBLE_EQ(capacity->bits_between(kStart, kStart + milliseconds(9)), 3 * 12000);
}

TEST(OutageSchedule, joins_what_overlaps_and_counts_the_rest) {
  const auto at = [](int ms) { return kStart + milliseconds(ms); };
  const OutageSchedule outages({{at(30), at(40)}, {at(10), at(20)}, {at(15), at(25)}, {at(7), at(7)}});
  ASSERT_EQ(outages.all().size(), 2u);
  EXPECT_FALSE(outages.covers(at(9)));
  EXPECT_TRUE(outages.covers(at(10)));
  EXPECT_EQ(outages.resumes(at(12)), at(25));
  EXPECT_FALSE(outages.covers(at(25)));
  EXPECT_EQ(outages.finishes(at(5), milliseconds(5)), at(10)) << "done as the outage begins";
  EXPECT_EQ(outages.finishes(at(5), milliseconds(6)), at(26));
  EXPECT_EQ(outages.finishes(at(12), milliseconds(6)), at(41));
  EXPECT_EQ(outages.working_time(at(0), at(100)), milliseconds(75));
  EXPECT_EQ(outages.working_time(at(12), at(35)), milliseconds(5));
}

}  // namespace
}  // namespace turbo
