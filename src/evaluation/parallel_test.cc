#include "evaluation/parallel.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace turbo {
namespace {

TEST(InParallel, DoesEveryNumberOnce) {
  std::vector<std::atomic<int>> times(100);
  for (const std::size_t threads : {0, 1, 4}) {
    EXPECT_TRUE(in_parallel(100, threads, [&](std::size_t i) { ++times[i]; }));
    for (auto& count : times) EXPECT_EQ(count.exchange(0), 1);
  }
  EXPECT_TRUE(in_parallel(0, 4, [](std::size_t) { ADD_FAILURE(); }));
}

TEST(InParallel, ThrowsTheExceptionOfTheLeastNumberHoweverTheThreadsRun) {
  for (int time = 0; time < 200; ++time) try {
      in_parallel(20, 3, [](std::size_t i) { throw i; });
      FAIL();
    } catch (const std::size_t i) {
      ASSERT_EQ(i, 0u) << "at time " << time;
    }
}

TEST(InParallel, EndsWhenStopped) {
  std::atomic<bool> stop = false;
  std::atomic<int> count = 0;
  const auto work = [&](std::size_t) {
    if (++count == 3) stop = true;
  };
  EXPECT_FALSE(in_parallel(1000, 2, work, &stop));
  EXPECT_LT(count, 10);
}

}  // namespace
}  // namespace turbo
