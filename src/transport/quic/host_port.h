#pragma once
// HOST:PORT as people write it: 10.77.0.2:4433, cloud.example:4433, [::1]:4433.

#include <cstdint>
#include <optional>
#include <string>

namespace turbo {

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

// Without a port the default is taken, if there is one (not 0). A bare IPv6 address is a host without a port.
// Nothing when it is neither.
std::optional<HostPort> parse_host_port(const std::string& text, std::uint16_t default_port);

// The address given on the command line, with the configured one's port unless it names one; the configured
// one when none was given. Nothing when it is neither.
std::optional<HostPort> choose_host_port(const std::string& given, const std::string& configured);

}  // namespace turbo
