#pragma once
// Pings the cloud every 250 ms and tells the round-trip time to whoever asks. Single-threaded, on the
// process's loop. Without an address or a permitted socket it goes on trying, and answers 1000 ms: lost. A
// connected socket keeps the local address that it began with: when no reply comes any more, a new one is
// opened every second, and the name looked up anew every five, so that a vehicle may change its network.

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
  void look_up_and_open(Time now);
  void on_address(const Address* address, const std::string& error);
  void open(const Address& address);
  void say(const std::string& problem);
  Parts answer(Time now, const Parts& request) const;

  EventLoop& loop_;
  std::string host_;
  RttMeter meter_;
  Resolver resolver_;
  std::optional<IcmpSocket> socket_;
  EventLoop::Id source_ = 0;
  std::optional<Address> address_;  // the last that the name had
  Time next_look_up_{};
  Time heard_{};         // when the last reply came; a new socket has as long for its first
  std::string problem_;  // the one last logged, so that it is logged when it changes
  bool answered_ = false;
  Responder responder_;
};

}  // namespace turbo
