#include "vehicle/ping_handler/echo_packet.h"

#include <algorithm>

namespace turbo {
namespace {

constexpr std::uint8_t kRequestV4 = 8, kReplyV4 = 0, kRequestV6 = 128, kReplyV6 = 129;
constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kMinIpHeaderBytes = 20;
constexpr std::uint8_t kIcmpProtocol = 1;

std::uint16_t read_u16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void write_u16(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value & 0xff);
}

// What follows the IPv4 header; empty when there is no whole one.
std::span<const std::uint8_t> without_ip_header(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kMinIpHeaderBytes || bytes[0] >> 4 != 4 || bytes[9] != kIcmpProtocol) return {};
  const std::size_t header = std::size_t{4} * (bytes[0] & 0x0f);
  if (header < kMinIpHeaderBytes || header > bytes.size()) return {};
  return bytes.subspan(header);
}

}  // namespace

std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += read_u16(bytes, i);
  if (bytes.size() % 2 != 0) sum += static_cast<std::uint32_t>(bytes.back()) << 8;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::vector<std::uint8_t> encode_echo_request(IpFamily family, const EchoPacket& packet) {
  std::vector<std::uint8_t> bytes(kHeaderBytes + packet.nonce.size());
  bytes[0] = family == IpFamily::kV4 ? kRequestV4 : kRequestV6;
  write_u16(bytes, 4, packet.id);
  write_u16(bytes, 6, packet.sequence);
  std::copy(packet.nonce.begin(), packet.nonce.end(), bytes.begin() + kHeaderBytes);
  if (family == IpFamily::kV4) write_u16(bytes, 2, internet_checksum(bytes));
  return bytes;
}

std::optional<EchoPacket> decode_echo_reply(IpFamily family, bool with_ip_header,
                                            std::span<const std::uint8_t> bytes) {
  if (bytes.size() > kMaxEchoBytes) return std::nullopt;
  if (with_ip_header && family == IpFamily::kV4) {
    bytes = without_ip_header(bytes);
    if (internet_checksum(bytes) != 0) return std::nullopt;
  }
  EchoPacket packet;
  if (bytes.size() != kHeaderBytes + packet.nonce.size()) return std::nullopt;
  if (bytes[0] != (family == IpFamily::kV4 ? kReplyV4 : kReplyV6) || bytes[1] != 0) return std::nullopt;
  packet.id = read_u16(bytes, 4);
  packet.sequence = read_u16(bytes, 6);
  std::copy_n(bytes.begin() + kHeaderBytes, packet.nonce.size(), packet.nonce.begin());
  return packet;
}

}  // namespace turbo
