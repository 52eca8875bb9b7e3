#include "lab/link/link_loop.h"

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include "lab/link/packet_store.h"

namespace turbo {
namespace {

Time clock_now() { return std::chrono::steady_clock::now(); }

// At most this many a turn and way, so that a flood in one does not hold up the others.
constexpr int kPacketsPerTurn = 64;

// One way through the link: what one device reads the other writes.
class Direction {
 public:
  Direction(TunDevice& from, LinkModel& link, TunDevice& to) : from_(from), link_(link), to_(to) {}

  void take_in() {
    for (int i = 0; i < kPacketsPerTurn; ++i) {
      const std::size_t size = from_.read(store_.next());
      if (size == 0) return;
      if (link_.push(clock_now(), {size, store_.next_tag()})) store_.keep();
    }
  }
  void let_out() {
    const Time now = clock_now();
    for (int i = 0; i < kPacketsPerTurn; ++i) {
      const auto out = link_.pop(now);
      if (!out) return;
      to_.write(store_.bytes(out->packet.tag, out->packet.size));  // refused: lost, as if it were down
      store_.release_through(out->packet.tag);
    }
  }

 private:
  TunDevice& from_;
  LinkModel& link_;
  TunDevice& to_;
  PacketStore store_;
};

timespec until(Time deadline) {
  const auto left = std::max<long long>(0, std::chrono::nanoseconds(deadline - clock_now()).count());
  return {static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
}

// The kernel's struct sched_attr, which glibc 2.36 does not have.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes), policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = getpriority(PRIO_PROCESS, 0);
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 100'000, deadline = 0, period = 0;  // the shortest turn that there is
};

// A thread with short turns gets them soon after it wakes, on a busy machine too. A kernel that does not know
// this (before 6.12) changes nothing.
void ask_for_short_turns() {
  SchedulingAttributes attributes;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

void run_link(LinkPair& links, TunDevice& vehicle, TunDevice& cloud, StatusLog* status, int stop_fd) {
  prctl(PR_SET_TIMERSLACK, 1UL);  // the default lets the kernel wake us 50 us late
  ask_for_short_turns();
  Direction up(vehicle, links.up, cloud), down(cloud, links.down, vehicle);
  std::array<pollfd, 3> fds{{{vehicle.fd(), POLLIN, 0}, {cloud.fd(), POLLIN, 0}, {stop_fd, POLLIN, 0}}};
  while ((fds[2].revents & POLLIN) == 0) {
    if ((fds[0].revents | fds[1].revents) & (POLLERR | POLLHUP | POLLNVAL))
      throw std::runtime_error("a TUN device of the link is gone: has somebody deleted it or its namespace?");
    up.take_in();
    down.take_in();
    up.let_out();
    down.let_out();
    Time deadline = clock_now() + std::chrono::hours(1);
    for (const auto& departure : {links.up.next_departure(), links.down.next_departure()})
      if (departure) deadline = std::min(deadline, *departure);
    if (status) {
      for (const Time now = clock_now(); status->next() <= now;) status->write(now, links.up, links.down);
      deadline = std::min(deadline, status->next());
    }
    const timespec timeout = until(deadline);
    if (ppoll(fds.data(), fds.size(), &timeout, nullptr) < 0 && errno != EINTR)
      throw std::runtime_error("waiting for packets failed");
  }
}

}  // namespace turbo
