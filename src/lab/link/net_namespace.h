#pragma once
// User and network namespaces, without root. Every function throws std::runtime_error with what to do.

#include <sys/types.h>

#include <string>

namespace turbo {

// A network namespace, by an open file. Move-only.
class NetNamespace {
 public:
  static NetNamespace current();
  static NetNamespace of_process(pid_t pid);
  static NetNamespace at_path(const std::string& path);  // /run/netns/NAME, say
  NetNamespace(NetNamespace&& other) noexcept;
  NetNamespace& operator=(NetNamespace&&) = delete;
  ~NetNamespace();

  void enter() const;  // the calling thread

 private:
  explicit NetNamespace(const std::string& path);
  int fd_;
};

// This process becomes root of a user namespace of its own,
// in a network namespace of its own. Before any thread.
void unshare_user_and_network();
void unshare_network();
// This process enters the user namespace of another (and is root there); nothing to do if it is ours already.
void enter_user_namespace(pid_t pid);
void bring_up_loopback();

}  // namespace turbo
