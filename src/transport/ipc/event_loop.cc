#include "transport/ipc/event_loop.h"

#include <sys/timerfd.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>
#include <vector>

namespace turbo {

struct EventLoop::State {
  struct Source {
    int fd = -1;
    void* socket = nullptr;
    Callback callback;
    Callback writable;  // set while somebody waits to write
  };
  struct Timer {
    Callback callback;
    std::optional<Time> at;
    Duration period{};  // zero: once
  };
  std::map<Id, Source> sources;
  std::map<Id, Timer> timers;
  Id next_id = 1;
  int timer_fd = -1;
  std::optional<Time> armed;  // what timer_fd is set to
  bool stopped = false;

  std::optional<Time> earliest() const {
    std::optional<Time> first;
    for (const auto& [id, timer] : timers)
      if (timer.at && (!first || *timer.at < *first)) first = timer.at;
    return first;
  }

  // Setting the timer is dear (on a virtual machine it costs more than sending sixty packets): one that is
  // set to an earlier time stays, and wakes us once for nothing.
  void set_timer_fd(std::optional<Time> at) {
    if (!at || (armed && *armed <= *at)) return;
    armed = at;
    itimerspec spec{};
    // Zero would disarm: the past is "one nanosecond after the epoch of the clock".
    const auto ns = std::max<std::int64_t>(1, at->time_since_epoch().count());
    spec.it_value.tv_sec = ns / 1'000'000'000;
    spec.it_value.tv_nsec = ns % 1'000'000'000;
    ::timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &spec, nullptr);
  }

  void run_timers(Time now) {
    std::vector<std::pair<Time, Id>> due;
    for (const auto& [id, timer] : timers)
      if (timer.at && *timer.at <= now) due.emplace_back(*timer.at, id);
    std::sort(due.begin(), due.end());  // in their order, also when the loop comes late
    for (const auto& [at, id] : due) {
      const auto it = timers.find(id);
      if (it == timers.end() || !it->second.at || *it->second.at > now) continue;
      Timer& timer = it->second;
      if (timer.period > Duration::zero()) {
        while (*timer.at <= now)
          *timer.at += timer.period * std::max<std::int64_t>(1, (now - *timer.at) / timer.period);
      } else {
        timer.at.reset();
      }
      const Callback callback = timer.callback;  // it may remove its own timer
      callback(now);
      if (stopped) return;
    }
  }
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {
  state_->timer_fd = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (state_->timer_fd < 0) throw std::runtime_error(std::string("making a timer: ") + std::strerror(errno));
}

EventLoop::~EventLoop() { ::close(state_->timer_fd); }

EventLoop::Id EventLoop::on_readable(int fd, Callback callback) {
  const Id id = state_->next_id++;
  state_->sources[id] = {.fd = fd, .socket = nullptr, .callback = std::move(callback), .writable = {}};
  return id;
}

EventLoop::Id EventLoop::on_message(void* zmq_socket, Callback callback) {
  const Id id = state_->next_id++;
  state_->sources[id] = {.fd = -1, .socket = zmq_socket, .callback = std::move(callback), .writable = {}};
  return id;
}

void EventLoop::once_writable(int fd, Callback callback) {
  for (auto& [id, source] : state_->sources)
    if (source.fd == fd) {
      source.writable = std::move(callback);
      return;
    }
  const Id id = state_->next_id++;
  state_->sources[id] = {.fd = fd, .socket = nullptr, .callback = {}, .writable = std::move(callback)};
}

EventLoop::Id EventLoop::timer(Callback callback) {
  const Id id = state_->next_id++;
  state_->timers[id] = {.callback = std::move(callback), .at = {}, .period = {}};
  return id;
}

void EventLoop::arm(Id timer, Time at) {
  if (const auto it = state_->timers.find(timer); it != state_->timers.end()) it->second.at = at;
}

void EventLoop::disarm(Id timer) {
  if (const auto it = state_->timers.find(timer); it != state_->timers.end()) it->second.at.reset();
}

EventLoop::Id EventLoop::every(Duration period, Callback callback) {
  const Id id = state_->next_id++;
  state_->timers[id] = {.callback = std::move(callback), .at = now() + period, .period = period};
  return id;
}

void EventLoop::remove(Id id) {
  state_->sources.erase(id);
  state_->timers.erase(id);
}

void EventLoop::stop() { state_->stopped = true; }
bool EventLoop::stopped() const { return state_->stopped; }

void EventLoop::run() {
  state_->stopped = false;
  while (!state_->stopped) turn(Time::max());
}

void EventLoop::run_once(Time until) {
  state_->stopped = false;
  turn(until);
}

void EventLoop::turn(Time until) {
  State& s = *state_;
  std::vector<zmq_pollitem_t> items;
  std::vector<Id> ids;
  items.reserve(s.sources.size() + 1);
  ids.reserve(s.sources.size());
  for (const auto& [id, source] : s.sources) {
    const short events =
        static_cast<short>((source.callback ? ZMQ_POLLIN : 0) | (source.writable ? ZMQ_POLLOUT : 0));
    items.push_back({source.socket, source.fd, events, 0});
    ids.push_back(id);
  }
  auto wake = s.earliest();
  if (until != Time::max() && (!wake || until < *wake)) wake = until;
  items.push_back({nullptr, s.timer_fd, ZMQ_POLLIN, 0});

  const auto poll = [&](long timeout_ms) {
    const int ready = zmq_poll(items.data(), static_cast<int>(items.size()), timeout_ms);
    if (ready < 0 && zmq_errno() != EINTR)
      throw std::runtime_error(std::string("waiting for events: ") + zmq_strerror(zmq_errno()));
    return ready;
  };
  // The timer is set only where there is something to wait for.
  if (poll(0) == 0 && !(wake && *wake <= now())) {
    s.set_timer_fd(wake);
    poll(-1);
  }
  if (items.back().revents != 0) {
    std::uint64_t expirations = 0;
    if (::read(s.timer_fd, &expirations, sizeof expirations) > 0) s.armed.reset();
  }
  s.run_timers(now());
  for (std::size_t i = 0; i < ids.size() && !s.stopped; ++i) {
    if (items[i].revents & ZMQ_POLLOUT) {
      if (const auto it = s.sources.find(ids[i]); it != s.sources.end() && it->second.writable) {
        const Callback writable = std::move(it->second.writable);
        it->second.writable = {};
        if (!it->second.callback) s.sources.erase(it);
        writable(now());
      }
    }
    if (items[i].revents & (ZMQ_POLLIN | ZMQ_POLLERR)) {
      if (const auto it = s.sources.find(ids[i]); it != s.sources.end() && it->second.callback) {
        const Callback callback = it->second.callback;  // it may remove its own source
        callback(now());
      }
    }
  }
}

}  // namespace turbo
