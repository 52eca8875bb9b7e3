#pragma once
// Pings the cloud every 250 ms and tells the round-trip time to whoever asks. Single-threaded, on the
// process's loop. Without an address or a permitted socket it goes on trying, and answers 1000 ms: lost.

#include <optional>
#include <string>

#include "process/process.h"
#include "transport/resolver/resolver.h"
#include "vehicle/ping_handler/icmp_socket.h"
#include "vehicle/ping_handler/rtt_meter.h"

namespace turbo {

class PingHandler {
 public:
  PingHandler(Process& process, std::string host, const std::string& endpoint);
  ~PingHandler();
  PingHandler(const PingHandler&) = delete;

 private:
  void ping(Time now);
  void receive(Time now);
  void on_address(const Address* address, const std::string& error);
  void say(const std::string& problem);
  Parts answer(Time now, const Parts& request) const;

  EventLoop& loop_;
  std::string host_;
  RttMeter meter_;
  Resolver resolver_;
  std::optional<IcmpSocket> socket_;
  EventLoop::Id source_ = 0;
  Time next_try_{};
  std::string problem_;  // the one last logged, so that it is logged when it changes
  bool answered_ = false;
  Responder responder_;
};

}  // namespace turbo
