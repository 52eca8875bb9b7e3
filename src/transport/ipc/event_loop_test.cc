#include "transport/ipc/event_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace turbo {
namespace {

using namespace std::chrono_literals;

TEST(EventLoop, TimersRunInTheirOrderAndNotBefore) {
  EventLoop loop;
  std::vector<int> order;
  const Time start = EventLoop::now();
  Time second_at{};
  const auto second = loop.timer([&](Time now) {
    order.push_back(2);
    second_at = now;
    loop.stop();
  });
  const auto first = loop.timer([&](Time) { order.push_back(1); });
  loop.arm(second, start + 4ms);
  loop.arm(first, start + 1ms);
  loop.run();
  EXPECT_THAT(order, testing::ElementsAre(1, 2));
  EXPECT_GE(second_at, start + 4ms);
}

TEST(EventLoop, ATimerMayRemoveItself) {
  EventLoop loop;
  int calls = 0;
  EventLoop::Id id = 0;
  id = loop.every(1ms, [&](Time) {
    ++calls;
    loop.remove(id);
  });
  loop.run_once(EventLoop::now() + 1s);
  loop.run_once(EventLoop::now() + 5ms);
  EXPECT_EQ(calls, 1);
}

TEST(EventLoop, ADisarmedTimerStaysSilent) {
  EventLoop loop;
  int calls = 0;
  const auto id = loop.timer([&](Time) { ++calls; });
  loop.arm(id, EventLoop::now() + 1ms);
  loop.disarm(id);
  loop.run_once(EventLoop::now() + 5ms);
  EXPECT_EQ(calls, 0);
}

TEST(EventLoop, MissedPeriodsDoNotPileUp) {
  EventLoop loop;
  int calls = 0;
  loop.every(1ms, [&](Time) { ++calls; });
  const Time late = EventLoop::now() + 20ms;
  while (EventLoop::now() < late) {
  }
  loop.run_once(EventLoop::now());
  EXPECT_EQ(calls, 1);
}

TEST(EventLoop, ReadableAndWritableDescriptors) {
  EventLoop loop;
  const int fd = ::eventfd(0, EFD_NONBLOCK);
  int reads = 0, writes = 0;
  const auto source = loop.on_readable(fd, [&](Time) {
    std::uint64_t value;
    if (::read(fd, &value, sizeof value) > 0) ++reads;
  });
  loop.once_writable(fd, [&](Time) {
    ++writes;
    const std::uint64_t one = 1;
    EXPECT_EQ(::write(fd, &one, sizeof one), 8);
  });
  loop.run_once(EventLoop::now() + 1s);
  loop.run_once(EventLoop::now() + 1s);
  EXPECT_EQ(writes, 1);
  EXPECT_EQ(reads, 1);
  loop.remove(source);
  ::close(fd);
}

}  // namespace
}  // namespace turbo
