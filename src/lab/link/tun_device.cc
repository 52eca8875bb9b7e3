#include "lab/link/tun_device.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "lab/link/delivery_trace.h"

namespace turbo {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& hint = "") {
  const std::string why = std::strerror(errno);
  throw std::runtime_error(what + ": " + why + (hint.empty() ? "" : "; " + hint));
}

void set_address(ifreq& request, std::uint32_t address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = address;
  std::memcpy(&request.ifr_addr, &in, sizeof in);
}

class ControlSocket {
 public:
  ControlSocket() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) fail("opening a control socket");
  }
  ~ControlSocket() { close(fd_); }
  ControlSocket(const ControlSocket&) = delete;
  void set(unsigned long command, ifreq& request, const std::string& what) const {
    if (ioctl(fd_, command, &request) != 0) fail("setting " + what + " of " + request.ifr_name);
  }

 private:
  int fd_;
};

}  // namespace

InterfaceAddress parse_interface_address(const std::string& text) {
  InterfaceAddress result;
  const auto slash = text.find('/');
  const char* end = text.data() + text.size();
  bool good =
      slash != std::string::npos && inet_pton(AF_INET, text.substr(0, slash).c_str(), &result.address) == 1;
  if (good) {
    const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, result.prefix);
    good = error == std::errc{} && stop == end && result.prefix >= 1 && result.prefix <= 31;
  }
  if (!good)
    throw LinkConfigError("'" + text + "': expected an IPv4 address with its prefix, as 10.77.0.1/30");
  return result;
}

TunDevice::TunDevice(const std::string& name, const InterfaceAddress& address) : name_(name) {
  if (name.empty() || name.size() >= IFNAMSIZ)
    throw LinkConfigError("'" + name + "': expected an interface name of 1 to 15 letters");
  fd_ = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0)
    fail("opening /dev/net/tun",
         errno == EACCES ? "let this user open it: chmod 666 /dev/net/tun as root"
                         : "load the module: modprobe tun as root (in a container: --device /dev/net/tun)");
  try {
    configure(address);
  } catch (...) {
    close(fd_);
    throw;
  }
}

void TunDevice::configure(const InterfaceAddress& address) {
  ifreq request{};
  std::strncpy(request.ifr_name, name_.c_str(), IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(fd_, TUNSETIFF, &request) != 0)
    fail("making the TUN device " + name_,
         errno == EBUSY ? "it exists: choose another name"
                        : "needs root of a network namespace: `unshare -rn turbo-link ...`, or run as root");
  const ControlSocket control;
  request.ifr_mtu = kTunMtu;
  control.set(SIOCSIFMTU, request, "the MTU");
  set_address(request, address.address);
  control.set(SIOCSIFADDR, request, "the address");
  set_address(request, htonl(~std::uint32_t{0} << (32 - address.prefix)));
  control.set(SIOCSIFNETMASK, request, "the netmask");
  request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_POINTOPOINT | IFF_NOARP;
  control.set(SIOCSIFFLAGS, request, "the flags");
}

TunDevice::TunDevice(TunDevice&& other) noexcept
    : name_(std::move(other.name_)), fd_(std::exchange(other.fd_, -1)) {}

TunDevice::~TunDevice() {
  if (fd_ >= 0) close(fd_);
}

std::size_t TunDevice::read(std::span<unsigned char> buffer) {
  const auto size = ::read(fd_, buffer.data(), buffer.size());
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

bool TunDevice::write(std::span<const unsigned char> packet) {
  return ::write(fd_, packet.data(), packet.size()) == static_cast<ssize_t>(packet.size());
}

}  // namespace turbo
