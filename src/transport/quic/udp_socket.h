#pragma once
// A non-blocking UDP socket: resolves, binds or connects, sends many packets with one call (UDP_SEGMENT) and
// receives many with one call (UDP_GRO) where the kernel can. Private to this folder.

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace turbo {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size_bytes = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  std::uint16_t port() const;
  void clear_port();
  bool same_host(const SocketAddress& other) const;
  std::string text() const;
};

// All addresses of a host, IPv4 and IPv6. An empty host is any address of this machine. Throws
// std::runtime_error. May ask a name server, and so take its time, unless the host is a numeric address.
std::vector<SocketAddress> resolve(const std::string& host, std::uint16_t port);

class UdpSocket {
 public:
  UdpSocket() = default;
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  // Both give a fresh socket under the same descriptor number as before, so that whoever polls it need not
  // know. Throw std::runtime_error.
  void bind_to(const SocketAddress& local);
  // Without `local` the kernel chooses the address to send from.
  void connect_to(const SocketAddress& remote, const SocketAddress* local = nullptr);

  int fd() const { return fd_; }
  const SocketAddress& local() const { return local_; }

  // Sends packets of `segment_bytes` each, the last may be shorter. `to` is
  // nullptr on a connected socket. Returns how many bytes are done with, sent
  // or refused by the network; less than all: the socket's buffer is full.
  std::size_t send(const SocketAddress* to, std::span<const std::uint8_t> packets, std::size_t segment_bytes);

  // Whether there was no way to the peer for something sent since the last call.
  bool take_unreachable() { return std::exchange(unreachable_, false); }

  // Hands out what has arrived, at most about `max_packets`. Returns true when the network said that nobody
  // listens at the connected address.
  using Receiver = std::function<void(const SocketAddress& from, std::span<const std::uint8_t> packet)>;
  bool receive(std::size_t max_packets, const Receiver& receiver);

 private:
  void open(int family);
  std::size_t send_one(const SocketAddress* to, std::span<const std::uint8_t> packet);

  int fd_ = -1;
  bool unreachable_ = false;
  enum class Segmentation { kUntried, kWorks, kNone };
  Segmentation segmentation_ = Segmentation::kUntried;
  SocketAddress local_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace turbo
