#include "lab/link/net_namespace.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace turbo {
namespace {

std::string reason() { return std::strerror(errno); }

void write_file(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  const bool written = fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const std::string why = reason();
  if (fd >= 0) close(fd);
  if (!written)
    throw std::runtime_error(std::string("writing ") + path + ": " + why +
                             "; user namespaces seem restricted here: run as root");
}

}  // namespace

NetNamespace::NetNamespace(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (fd_ < 0) throw std::runtime_error("opening network namespace " + path + ": " + reason());
}
NetNamespace::NetNamespace(NetNamespace&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
NetNamespace::~NetNamespace() {
  if (fd_ >= 0) close(fd_);
}
NetNamespace NetNamespace::current() { return NetNamespace("/proc/thread-self/ns/net"); }
NetNamespace NetNamespace::of_process(pid_t pid) {
  return NetNamespace("/proc/" + std::to_string(pid) + "/ns/net");
}
NetNamespace NetNamespace::at_path(const std::string& path) { return NetNamespace(path); }

void NetNamespace::enter() const {
  if (setns(fd_, CLONE_NEWNET) != 0)
    throw std::runtime_error("entering a network namespace: " + reason() +
                             "; run as root, or in the user namespace that made it");
}

void unshare_user_and_network() {
  const auto user = geteuid();
  const auto group = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
    throw std::runtime_error(
        "making a user and a network namespace: " + reason() +
        "; allow it with `sysctl kernel.unprivileged_userns_clone=1` (Debian) or `sysctl "
        "kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu), or run as root");
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", "0 " + std::to_string(user) + " 1");
  write_file("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
}

void unshare_network() {
  if (unshare(CLONE_NEWNET) != 0)
    throw std::runtime_error("making a network namespace: " + reason() + "; run as root");
}

void enter_user_namespace(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/user";
  struct stat theirs, ours;
  if (stat(path.c_str(), &theirs) == 0 && stat("/proc/self/ns/user", &ours) == 0 &&
      theirs.st_ino == ours.st_ino)
    return;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool entered = fd >= 0 && setns(fd, CLONE_NEWUSER) == 0;
  const std::string why = reason();
  if (fd >= 0) close(fd);
  if (!entered) throw std::runtime_error("entering user namespace " + path + ": " + why);
}

void bring_up_loopback() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  const bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  const std::string why = reason();
  if (fd >= 0) close(fd);
  if (!up) throw std::runtime_error("bringing up lo: " + why);
}

}  // namespace turbo
