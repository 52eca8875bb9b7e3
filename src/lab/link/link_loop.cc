#include "lab/link/link_loop.h"

#include <poll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

namespace turbo {
namespace {

Time clock_now() { return std::chrono::steady_clock::now(); }

// At most this many a turn, so that a flood in one direction does not hold up the other.
constexpr int kPacketsPerTurn = 64;

void take_in(TunDevice& from, LinkModel& link) {
  for (int i = 0; i < kPacketsPerTurn; ++i) {
    auto packet = from.read();
    if (!packet) return;
    link.push(clock_now(), std::move(*packet));
  }
}

void let_out(LinkModel& link, TunDevice& to) {
  const Time now = clock_now();
  while (const auto packet = link.pop(now))
    to.write(*packet);  // refused: lost, as on any interface that is down
}

timespec until(Time deadline) {
  const auto left = std::max<long long>(0, std::chrono::nanoseconds(deadline - clock_now()).count());
  return {static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
}

}  // namespace

void run_link(LinkPair& links, TunDevice& vehicle, TunDevice& cloud, StatusLog* status, int stop_fd) {
  prctl(PR_SET_TIMERSLACK, 1UL);  // the default lets the kernel wake us 50 us late
  std::array<pollfd, 3> fds{{{vehicle.fd(), POLLIN, 0}, {cloud.fd(), POLLIN, 0}, {stop_fd, POLLIN, 0}}};
  while ((fds[2].revents & POLLIN) == 0) {
    if ((fds[0].revents | fds[1].revents) & (POLLERR | POLLHUP | POLLNVAL))
      throw std::runtime_error("a TUN device of the link is gone: has somebody deleted it or its namespace?");
    take_in(vehicle, links.up);
    take_in(cloud, links.down);
    let_out(links.up, cloud);
    let_out(links.down, vehicle);
    Time deadline = clock_now() + std::chrono::hours(1);
    for (const auto& departure : {links.up.next_departure(), links.down.next_departure()})
      if (departure) deadline = std::min(deadline, *departure);
    if (status) {
      while (status->next() <= clock_now()) status->write(links.up, links.down);
      deadline = std::min(deadline, status->next());
    }
    const timespec timeout = until(deadline);
    if (ppoll(fds.data(), fds.size(), &timeout, nullptr) < 0 && errno != EINTR)
      throw std::runtime_error("waiting for packets failed");
  }
}

}  // namespace turbo
