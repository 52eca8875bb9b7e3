#include "transport/quic/host_port.h"

#include <algorithm>
#include <charconv>

namespace turbo {

std::optional<HostPort> parse_host_port(const std::string& text, std::uint16_t default_port) {
  HostPort out{text, default_port};
  std::string port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string::npos) return std::nullopt;
    out.host = text.substr(1, end - 1);
    if (end + 1 < text.size()) {
      if (text[end + 1] != ':') return std::nullopt;
      has_port = true;
      port = text.substr(end + 2);
    }
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    const auto colon = text.find(':');
    out.host = text.substr(0, colon);
    has_port = true;
    port = text.substr(colon + 1);
  }
  if (has_port) {
    const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (port.empty() || code != std::errc() || end != port.data() + port.size()) return std::nullopt;
  }
  if (out.host.empty() || out.port == 0) return std::nullopt;
  return out;
}

std::optional<HostPort> choose_host_port(const std::string& given, const std::string& configured) {
  const auto fallback = parse_host_port(configured, 0);
  return given.empty() ? fallback : parse_host_port(given, fallback ? fallback->port : 0);
}

}  // namespace turbo
