#pragma once
// One ICMP or ICMPv6 socket, connected to one address: of datagrams where the kernel allows it (no privilege
// needed), else raw. Never blocks.

#include <cstdint>
#include <optional>
#include <string>

#include "core/time.h"
#include "transport/resolver/host_lookup.h"
#include "vehicle/ping_handler/echo_packet.h"

namespace turbo {

class IcmpSocket {
 public:
  // Throws std::runtime_error: what was tried, why it failed, what to do.
  explicit IcmpSocket(const Address& address);
  ~IcmpSocket();
  IcmpSocket(const IcmpSocket&) = delete;

  int fd() const { return fd_; }
  bool raw() const { return raw_; }
  const std::string& peer() const { return peer_; }  // the address as text

  bool send(std::uint16_t sequence, std::string* error);
  struct Reply {
    std::uint16_t sequence;
    Time received;  // when the kernel received it, not when we came to read it
  };
  // *more: there may be another message. Nothing: this one was none of ours.
  std::optional<Reply> receive(Time now, bool* more);

 private:
  int fd_ = -1;
  bool raw_ = false;
  IpFamily family_;
  std::uint16_t id_ = 0;
  EchoNonce nonce_{};
  std::string peer_;
};

}  // namespace turbo
