#pragma once
// ICMP and ICMPv6 echo messages as bytes (RFC 792, RFC 4443 section 4). Pure; what is parsed comes from
// anyone.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace turbo {

enum class IpFamily { kV4, kV6 };

using EchoNonce = std::array<std::uint8_t, 16>;  // told from other pingers' answers by it

struct EchoPacket {
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  EchoNonce nonce{};
};

inline constexpr std::size_t kMaxEchoBytes = 1500;

// With its checksum for IPv4; for IPv6 the kernel fills it in.
std::vector<std::uint8_t> encode_echo_request(IpFamily family, const EchoPacket& packet);

// with_ip_header: as a raw IPv4 socket delivers it; the checksum is then checked too. Nothing for all that is
// not a whole echo reply of ours.
std::optional<EchoPacket> decode_echo_reply(IpFamily family, bool with_ip_header,
                                            std::span<const std::uint8_t> bytes);

std::uint16_t internet_checksum(
    std::span<const std::uint8_t> bytes);  // RFC 1071; 0 over a message that has it

}  // namespace turbo
