#include "vehicle/ping_handler/icmp_socket.h"

#include <linux/icmp.h>
#include <netdb.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace turbo {
namespace {

std::string text_of_address(const Address& address) {
  std::array<char, NI_MAXHOST> host{};
  const auto* plain = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::getnameinfo(plain, address.size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0)
    return "?";
  return host.data();
}

int open_socket(IpFamily family, int type) {
  const bool v4 = family == IpFamily::kV4;
  return ::socket(v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
                  v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6));
}

// Echo replies only: a raw socket would otherwise wake us for every ICMP message of the machine.
void filter_raw(int fd, IpFamily family) {
  if (family == IpFamily::kV4) {
    icmp_filter filter{};
    filter.data = ~(1U << ICMP_ECHOREPLY);
    ::setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
  } else {
    icmp6_filter filter{};
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
    ::setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
  }
}

// The id that the kernel gives a datagram socket's messages is its local port.
std::uint16_t local_id(int fd) {
  sockaddr_storage local{};
  socklen_t size = sizeof local;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) != 0) return 0;
  return local.ss_family == AF_INET ? ntohs(reinterpret_cast<const sockaddr_in*>(&local)->sin_port)
                                    : ntohs(reinterpret_cast<const sockaddr_in6*>(&local)->sin6_port);
}

// How long ago the kernel stamped the message; 0 when it did not.
Duration age_of(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{}, now{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    ::clock_gettime(CLOCK_REALTIME, &now);
    const Duration age =
        std::chrono::seconds(now.tv_sec - stamp.tv_sec) + Duration(now.tv_nsec - stamp.tv_nsec);
    return age > Duration::zero() && age < std::chrono::seconds(1) ? age : Duration::zero();
  }
  return Duration::zero();
}

}  // namespace

IcmpSocket::IcmpSocket(const Address& address)
    : family_(address.storage.ss_family == AF_INET ? IpFamily::kV4 : IpFamily::kV6),
      peer_(text_of_address(address)) {
  fd_ = open_socket(family_, SOCK_DGRAM);
  if (fd_ < 0) {
    const std::string datagram_error = std::strerror(errno);
    fd_ = open_socket(family_, SOCK_RAW);
    if (fd_ < 0)
      throw std::runtime_error(
          "opening an ICMP socket: datagram: " + datagram_error + ", raw: " + std::strerror(errno) +
          "; allow one of them: sysctl -w net.ipv4.ping_group_range=\"0 2147483647\", or "
          "setcap cap_net_raw+ep on this program");
    raw_ = true;
    filter_raw(fd_, family_);
  }
  const int on = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    const std::string why = std::strerror(errno);
    ::close(fd_);
    throw std::runtime_error("connecting an ICMP socket to " + peer_ + ": " + why +
                             "; check DST_IP and the route");
  }
  if (::getrandom(nonce_.data(), nonce_.size(), 0) != static_cast<ssize_t>(nonce_.size())) nonce_.fill(0x5a);
  id_ = raw_ ? static_cast<std::uint16_t>(nonce_[0] << 8 | nonce_[1]) : local_id(fd_);
}

IcmpSocket::~IcmpSocket() { ::close(fd_); }

bool IcmpSocket::send(std::uint16_t sequence, std::string* error) {
  const auto bytes = encode_echo_request(family_, {id_, sequence, nonce_});
  if (::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT) == static_cast<ssize_t>(bytes.size()))
    return true;
  *error = std::strerror(errno);
  return false;
}

std::optional<IcmpSocket::Reply> IcmpSocket::receive(Time now, bool* more) {
  std::array<std::uint8_t, kMaxEchoBytes> bytes;
  alignas(cmsghdr) std::array<char, 256> control{};
  iovec vector{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = ::recvmsg(fd_, &message, MSG_DONTWAIT);
  // An error that an ICMP message brought (unreachable, say) is taken off the socket by reading it.
  *more = size >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  if (size < 0 || (message.msg_flags & MSG_TRUNC) != 0) return std::nullopt;
  const auto packet =
      decode_echo_reply(family_, raw_, std::span(bytes).first(static_cast<std::size_t>(size)));
  if (!packet || packet->id != id_ || packet->nonce != nonce_) return std::nullopt;
  return Reply{packet->sequence, now - age_of(message)};
}

}  // namespace turbo
