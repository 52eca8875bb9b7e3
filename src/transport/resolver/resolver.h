#pragma once
// A host's first address, told on an event loop.

#include <functional>
#include <string>

#include "transport/ipc/event_loop.h"
#include "transport/resolver/host_lookup.h"

namespace turbo {

class Resolver {
 public:
  // The address, or nothing and why.
  using Done = std::function<void(const Address* address, const std::string& error)>;

  Resolver(EventLoop& loop, Done done);
  ~Resolver();
  Resolver(const Resolver&) = delete;

  void start(const std::string& host);  // nothing happens while an earlier one is under way

 private:
  void tell();

  EventLoop& loop_;
  Done done_;
  HostLookup lookup_;
  EventLoop::Id source_;
};

}  // namespace turbo
