#pragma once
// Which of its own addresses this machine would send from: what changes when a car leaves one network for
// another. It asks the kernel by a socket that sends nothing. Private to this folder.

#include <functional>
#include <optional>

#include "transport/quic/udp_socket.h"

namespace turbo {

class RouteWatch {
 public:
  // Without a port; nothing: there is no way to `remote`.
  using Ask = std::function<std::optional<SocketAddress>(const SocketAddress& remote)>;

  // `ask` stands for the kernel in tests. Throws std::runtime_error.
  explicit RouteWatch(Ask ask = {});
  ~RouteWatch();
  RouteWatch(const RouteWatch&) = delete;
  RouteWatch& operator=(const RouteWatch&) = delete;

  std::optional<SocketAddress> local_for(const SocketAddress& remote);
  // The socket has to be bound to what local_for says, since the kernel would choose otherwise.
  bool is_told() const { return static_cast<bool>(ask_); }

 private:
  std::optional<SocketAddress> ask_kernel(const SocketAddress& remote);

  Ask ask_;
  int fd_ = -1;
  int family_ = AF_UNSPEC;
};

}  // namespace turbo
