#pragma once
// Host name to addresses. A name server may take many seconds: names are looked up in a thread of their own,
// which is left behind if the process ends first; plain addresses need none.

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>

#include "transport/ipc/event_loop.h"

namespace turbo {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

class Resolver {
 public:
  // The address, or nothing and why.
  using Done = std::function<void(const Address* address, const std::string& error)>;

  Resolver(EventLoop& loop, Done done);
  ~Resolver();
  Resolver(const Resolver&) = delete;

  void start(const std::string& host);  // nothing happens while an earlier one is under way

 private:
  struct Shared;
  EventLoop& loop_;
  Done done_;
  std::shared_ptr<Shared> shared_;
  EventLoop::Id source_;
  bool busy_ = false;
};

}  // namespace turbo
