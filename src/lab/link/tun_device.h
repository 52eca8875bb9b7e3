#pragma once
// One TUN device: IP packets as the kernel routes them. The descriptor stays good in whatever namespace its
// owner is afterwards.

#include <cstdint>
#include <span>
#include <string>

namespace turbo {

inline constexpr std::size_t kTunMtu = 1500;

// IPv4 address with its prefix, "10.77.0.1/30". Throws LinkConfigError.
struct InterfaceAddress {
  std::uint32_t address = 0;  // network byte order
  int prefix = 0;
};
InterfaceAddress parse_interface_address(const std::string& text);

class TunDevice {
 public:
  // Makes the device in the calling thread's network namespace,
  // gives it the address, brings it up. Throws std::runtime_error.
  TunDevice(const std::string& name, const InterfaceAddress& address);
  TunDevice(TunDevice&& other) noexcept;
  TunDevice& operator=(TunDevice&&) = delete;
  ~TunDevice();

  int fd() const { return fd_; }
  const std::string& name() const { return name_; }
  std::size_t read(std::span<unsigned char> buffer);  // a packet's size; 0: nothing waits
  bool write(std::span<const unsigned char> packet);  // false: the kernel did not take it

 private:
  void configure(const InterfaceAddress& address);
  std::string name_;
  int fd_ = -1;
};

}  // namespace turbo
