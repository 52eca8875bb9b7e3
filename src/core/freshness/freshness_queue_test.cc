#include "core/freshness/freshness_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace turbo {
namespace {

Time at(int ms) { return Time{} + std::chrono::milliseconds(ms); }

TEST(FreshnessQueue, NewestTakesTheWaitingPlace) {
  FreshnessQueue<int> queue;
  EXPECT_FALSE(queue.push(at(0), 1, at(100)));
  EXPECT_EQ(queue.push(at(10), 2, at(110)), 1);
  EXPECT_EQ(queue.pop(at(20)), 2);
  EXPECT_FALSE(queue.pop(at(20)));
  EXPECT_EQ(queue.counts().displaced, 1u);
}

TEST(FreshnessQueue, OneInFlightAtMost) {
  FreshnessQueue<int> queue;
  queue.push(at(0), 1, at(100));
  EXPECT_EQ(queue.pop(at(0)), 1);
  EXPECT_FALSE(queue.push(at(10), 2, at(110)));
  EXPECT_FALSE(queue.pop(at(20)));
  EXPECT_TRUE(queue.in_flight());
  EXPECT_EQ(queue.next_deadline(), at(100));
  queue.finished();
  EXPECT_EQ(queue.pop(at(20)), 2);
}

TEST(FreshnessQueue, ExpiredItemsNeverComeOut) {
  FreshnessQueue<int> queue;
  queue.push(at(0), 1, at(100));
  EXPECT_FALSE(queue.pop(at(100)));
  EXPECT_FALSE(queue.waiting());
  EXPECT_EQ(queue.push(at(50), 2, at(50)), 2);  // late already when it comes
  EXPECT_EQ(queue.counts().expired, 2u);
  queue.push(at(60), 3, at(70));
  EXPECT_FALSE(queue.expire(at(69)));
  EXPECT_EQ(queue.expire(at(70)), 3);
}

TEST(FreshnessQueue, HoldsItemsThatOnlyMove) {
  FreshnessQueue<std::unique_ptr<int>> queue;
  queue.push(at(0), std::make_unique<int>(7), at(10));
  EXPECT_EQ(**queue.pop(at(1)), 7);
}

TEST(FreshnessQueue, EveryItemIsCountedOnce) {
  std::mt19937 random(5);
  FreshnessQueue<int> queue;
  std::uint64_t pushed = 0;
  for (int t = 0; t < 20000; ++t) {
    switch (random() % 4) {
      case 0:
        queue.push(at(t), t, at(t + static_cast<int>(random() % 20))), ++pushed;
        break;
      case 1:
        queue.pop(at(t));
        break;
      case 2:
        queue.finished();
        break;
      default:
        queue.expire(at(t));
    }
    const auto& c = queue.counts();
    ASSERT_EQ(c.pushed, c.displaced + c.expired + c.popped + (queue.waiting() ? 1 : 0));
  }
  EXPECT_EQ(queue.counts().pushed, pushed);
}

}  // namespace
}  // namespace turbo
