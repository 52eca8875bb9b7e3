#include "transport/quic/udp_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace turbo {
namespace {

constexpr int kSocketBufferBytes = 4 << 20;    // best effort; the kernel cuts it to its limit
constexpr std::size_t kReceiveBytes = 65'536;  // the most that the kernel puts together (UDP_GRO)
constexpr std::size_t kReceiveBatch = 4;       // such buffers a system call

std::runtime_error system_failure(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

// The address of this machine, or the way, is gone.
bool means_unreachable(int error) {
  return error == ENETUNREACH || error == EADDRNOTAVAIL || error == EHOSTUNREACH || error == ENETDOWN ||
         error == EINVAL;
}

void set_option(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

}  // namespace

std::uint16_t SocketAddress::port() const {
  if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
  if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  return 0;
}

void SocketAddress::clear_port() {
  if (storage.ss_family == AF_INET) reinterpret_cast<sockaddr_in*>(&storage)->sin_port = 0;
  if (storage.ss_family == AF_INET6) reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = 0;
}

bool SocketAddress::same_host(const SocketAddress& other) const {
  if (storage.ss_family != other.storage.ss_family) return false;
  if (storage.ss_family == AF_INET)
    return reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr.s_addr ==
           reinterpret_cast<const sockaddr_in*>(&other.storage)->sin_addr.s_addr;
  return std::memcmp(&reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr,
                     &reinterpret_cast<const sockaddr_in6*>(&other.storage)->sin6_addr,
                     sizeof(in6_addr)) == 0;
}

std::string SocketAddress::text() const {
  std::array<char, NI_MAXHOST> host{};
  if (getnameinfo(get(), size_bytes, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) return "?";
  std::string text = host.data();
  if (storage.ss_family == AF_INET6) text.insert(0, 1, '[').push_back(']');
  return text.append(":").append(std::to_string(port()));
}

std::vector<SocketAddress> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV | (host.empty() ? AI_PASSIVE : 0);
  addrinfo* found = nullptr;
  const int failed =
      getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failed != 0)
    throw std::runtime_error("looking up the address of " + host + ": " + gai_strerror(failed));
  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size_bytes = at->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(found);
  return addresses;
}

UdpSocket::~UdpSocket() {
  if (fd_ >= 0) close(fd_);
}

void UdpSocket::open(int family) {
  const int fresh = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fresh < 0) throw system_failure("opening a UDP socket");
  if (fd_ < 0) {
    fd_ = fresh;
  } else {
    dup3(fresh, fd_, O_CLOEXEC);
    close(fresh);
  }
  set_option(fd_, SOL_SOCKET, SO_RCVBUF, kSocketBufferBytes);
  set_option(fd_, SOL_SOCKET, SO_SNDBUF, kSocketBufferBytes);
  set_option(fd_, SOL_UDP, UDP_GRO, 1);
  // QUIC finds the path's MTU itself: packets are never fragmented, nor held to what the kernel believes.
  set_option(fd_, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  if (family == AF_INET6) {
    set_option(fd_, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
    set_option(fd_, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  }
  segmentation_ = Segmentation::kUntried;
  buffer_.resize(kReceiveBatch * kReceiveBytes);
}

void UdpSocket::bind_to(const SocketAddress& local) {
  open(local.storage.ss_family);
  if (bind(fd_, local.get(), local.size_bytes) != 0)
    throw system_failure("binding UDP address " + local.text());
  local_.size_bytes = sizeof local_.storage;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&local_.storage), &local_.size_bytes);
}

void UdpSocket::connect_to(const SocketAddress& remote, const SocketAddress* local) {
  open(remote.storage.ss_family);
  if (local && bind(fd_, local->get(), local->size_bytes) != 0)
    throw system_failure("binding UDP address " + local->text());
  if (connect(fd_, remote.get(), remote.size_bytes) != 0)
    throw system_failure("connecting to " + remote.text());
  local_.size_bytes = sizeof local_.storage;
  getsockname(fd_, reinterpret_cast<sockaddr*>(&local_.storage), &local_.size_bytes);
}

std::size_t UdpSocket::send_one(const SocketAddress* to, std::span<const std::uint8_t> packet) {
  ssize_t sent = 0;
  do {
    sent = sendto(fd_, packet.data(), packet.size(), 0, to ? to->get() : nullptr, to ? to->size_bytes : 0);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && means_unreachable(errno)) unreachable_ = true;
  // Any other failure is a lost packet: QUIC sends it again or finds the peer gone.
  return sent < 0 && (errno == EAGAIN || errno == ENOBUFS) ? 0 : packet.size();
}

std::size_t UdpSocket::send(const SocketAddress* to, std::span<const std::uint8_t> packets,
                            std::size_t segment_bytes) {
  if (segmentation_ != Segmentation::kNone && packets.size() > segment_bytes) {
    iovec part{const_cast<std::uint8_t*>(packets.data()), packets.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
    msghdr message{};
    if (to) {
      message.msg_name = const_cast<sockaddr_storage*>(&to->storage);
      message.msg_namelen = to->size_bytes;
    }
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(segment_bytes);
    std::memcpy(CMSG_DATA(header), &segment, sizeof segment);
    if (sendmsg(fd_, &message, 0) >= 0 || errno == ECONNREFUSED) {
      segmentation_ = Segmentation::kWorks;
      return packets.size();
    }
    if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR) return 0;
    // Where it has worked it is these packets that are refused: a probe of the path's size larger than the
    // device's.
    if ((errno == EIO || errno == EINVAL || errno == EOPNOTSUPP) && segmentation_ == Segmentation::kUntried)
      segmentation_ = Segmentation::kNone;
  }
  std::size_t done = 0;
  while (done < packets.size()) {
    const auto packet = packets.subspan(done, std::min(segment_bytes, packets.size() - done));
    if (send_one(to, packet) == 0) break;
    done += packet.size();
  }
  return done;
}

namespace {

// What one recvmmsg call fills.
struct Batch {
  struct Message {
    SocketAddress from;
    iovec part{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  };
  std::array<Message, kReceiveBatch> messages;
  std::array<mmsghdr, kReceiveBatch> headers{};

  explicit Batch(std::span<std::uint8_t> buffer) {
    for (std::size_t i = 0; i < kReceiveBatch; ++i) {
      Message& message = messages[i];
      message.part = {buffer.data() + i * kReceiveBytes, kReceiveBytes};
      msghdr& header = headers[i].msg_hdr;
      header.msg_name = &message.from.storage;
      header.msg_iov = &message.part;
      header.msg_iovlen = 1;
      header.msg_control = message.control.data();
    }
  }

  // How many messages were received; -1: errno has it.
  int receive(int fd) {
    for (mmsghdr& header : headers) {
      header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
      header.msg_hdr.msg_controllen = sizeof(Message::control);
    }
    return recvmmsg(fd, headers.data(), headers.size(), 0, nullptr);
  }

  // Of the packets that the kernel put together; only the last may be shorter.
  std::size_t segment_bytes(std::size_t index) {
    msghdr& message = headers[index].msg_hdr;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != SOL_UDP || header->cmsg_type != UDP_GRO) continue;
      int segment = 0;
      std::memcpy(&segment, CMSG_DATA(header), sizeof segment);
      if (segment > 0) return static_cast<std::size_t>(segment);
    }
    return kReceiveBytes;
  }
};

}  // namespace

bool UdpSocket::receive(std::size_t max_packets, const Receiver& receiver) {
  bool refused = false;
  Batch batch(buffer_);
  for (std::size_t packets = 0; packets < max_packets;) {
    const int received = batch.receive(fd_);
    if (received < 0) {
      if (errno == EINTR) continue;
      if (errno != ECONNREFUSED) break;
      refused = true;  // the error is taken off the socket; packets may wait behind it
      ++packets;
      continue;
    }
    const auto count = static_cast<std::size_t>(received);
    for (std::size_t i = 0; i < count; ++i) {
      SocketAddress& from = batch.messages[i].from;
      from.size_bytes = batch.headers[i].msg_hdr.msg_namelen;
      const std::size_t segment = batch.segment_bytes(i);
      std::span<const std::uint8_t> rest(buffer_.data() + i * kReceiveBytes, batch.headers[i].msg_len);
      ++packets;  // also for an empty one
      while (!rest.empty()) {
        const auto packet = rest.subspan(0, std::min(segment, rest.size()));
        receiver(from, packet);
        rest = rest.subspan(packet.size());
        ++packets;
      }
    }
    if (count < kReceiveBatch) break;  // nothing more waits, or an error that the next call tells
  }
  return refused;
}

}  // namespace turbo
