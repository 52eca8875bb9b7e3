#include "vehicle/quic_client/link_probe.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

using namespace std::chrono_literals;

TEST(LinkProbe, ProbesOnlyAQuietLinkAndNotTooOften) {
  LinkProbe probe({true, 500ms, 50'000});
  Time now{1h};
  EXPECT_EQ(probe.due_bytes(now, 4e6, 499ms, true), 0u);
  EXPECT_EQ(probe.due_bytes(now, 4e6, 1s, false), 0u);
  EXPECT_EQ(probe.due_bytes(now, 4e6, Duration::max(), true), 25'000u) << "50 ms of 4 Mbps";
  now += 499ms;
  EXPECT_EQ(probe.due_bytes(now, 4e6, 1s, true), 0u);
  now += 1ms;
  EXPECT_EQ(probe.due_bytes(now, 1e5, 1s, true), 16'384u) << "at least";
  now += 500ms;
  EXPECT_EQ(probe.due_bytes(now, 1e9, 1s, true), 50'000u) << "at most";
}

TEST(LinkProbe, CanBeSwitchedOff) {
  LinkProbe probe({false, 500ms, 50'000});
  EXPECT_EQ(probe.due_bytes(Time{1h}, 4e6, Duration::max(), true), 0u);
}

}  // namespace
}  // namespace turbo
