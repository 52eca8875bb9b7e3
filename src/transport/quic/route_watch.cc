#include "transport/quic/route_watch.h"

#include <unistd.h>

namespace turbo {

RouteWatch::RouteWatch(Ask ask) : ask_(std::move(ask)) {}

RouteWatch::~RouteWatch() {
  if (fd_ >= 0) close(fd_);
}

std::optional<SocketAddress> RouteWatch::local_for(const SocketAddress& remote) {
  return ask_ ? ask_(remote) : ask_kernel(remote);
}

std::optional<SocketAddress> RouteWatch::ask_kernel(const SocketAddress& remote) {
  if (family_ != remote.storage.ss_family) {
    if (fd_ >= 0) close(fd_);
    family_ = remote.storage.ss_family;
    fd_ = socket(family_, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
      family_ = AF_UNSPEC;
      return std::nullopt;
    }
  }
  // A connected socket keeps its address; one that is let go of is given another.
  const sockaddr nobody{AF_UNSPEC, {}};
  connect(fd_, &nobody, sizeof nobody);
  if (connect(fd_, remote.get(), remote.size_bytes) != 0) return std::nullopt;
  SocketAddress local;
  local.size_bytes = sizeof local.storage;
  if (getsockname(fd_, reinterpret_cast<sockaddr*>(&local.storage), &local.size_bytes) != 0)
    return std::nullopt;
  local.clear_port();
  return local;
}

}  // namespace turbo
