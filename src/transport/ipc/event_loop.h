#pragma once
// One thread's wait for whatever comes next: ZeroMQ sockets, file descriptors, timers. Level-triggered;
// timers are accurate to the kernel's timerfd, not to ZeroMQ's milliseconds.

#include <functional>
#include <memory>

#include "core/time.h"

namespace turbo {

class EventLoop {
 public:
  using Callback = std::function<void(Time now)>;
  using Id = int;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  static Time now() { return std::chrono::steady_clock::now(); }

  Id on_readable(int fd, Callback callback);
  // zmq_socket: a void* of libzmq. Called while a message waits.
  Id on_message(void* zmq_socket, Callback callback);
  // Calls back once the fd can be written to; ask again for the next time.
  void once_writable(int fd, Callback callback);

  // A timer that is not armed yet.
  Id timer(Callback callback);
  void arm(Id timer, Time at);
  void disarm(Id timer);
  // First after one period. A late call does not pile up the missed ones.
  Id every(Duration period, Callback callback);

  // Of a source or a timer; allowed from within any callback.
  void remove(Id id);

  // Runs callbacks until stop(). An exception from a callback ends run() with it.
  void run();
  // Waits for at most one round of events, no longer than until the given time; also after a stop().
  void run_once(Time until);
  void stop();  // from a callback, in this thread
  bool stopped() const;

 private:
  void turn(Time until);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace turbo
