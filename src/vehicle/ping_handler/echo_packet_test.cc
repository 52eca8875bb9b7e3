#include "vehicle/ping_handler/echo_packet.h"

#include <gtest/gtest.h>

#include <random>

namespace turbo {
namespace {

EchoPacket packet() {
  EchoPacket out{0x1234, 77, {}};
  for (std::size_t i = 0; i < out.nonce.size(); ++i) out.nonce[i] = static_cast<std::uint8_t>(i * 7);
  return out;
}

// What the peer makes of our request.
std::vector<std::uint8_t> reply_v4(bool with_ip_header) {
  auto bytes = encode_echo_request(IpFamily::kV4, packet());
  bytes[0] = 0;
  bytes[2] = bytes[3] = 0;
  const std::uint16_t sum = internet_checksum(bytes);
  bytes[2] = static_cast<std::uint8_t>(sum >> 8);
  bytes[3] = static_cast<std::uint8_t>(sum);
  if (with_ip_header) {
    std::vector<std::uint8_t> ip(24, 0);
    ip[0] = 0x46;  // with 4 bytes of options
    ip[9] = 1;
    bytes.insert(bytes.begin(), ip.begin(), ip.end());
  }
  return bytes;
}

TEST(EchoPacket, RequestsHaveTheirChecksum) {
  const auto bytes = encode_echo_request(IpFamily::kV4, packet());
  EXPECT_EQ(bytes[0], 8);
  EXPECT_EQ(internet_checksum(bytes), 0);
  EXPECT_EQ(encode_echo_request(IpFamily::kV6, packet())[0], 128);
}

TEST(EchoPacket, RepliesAreRead) {
  for (const bool raw : {false, true}) {
    const auto got = decode_echo_reply(IpFamily::kV4, raw, reply_v4(raw));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->id, 0x1234);
    EXPECT_EQ(got->sequence, 77);
    EXPECT_EQ(got->nonce, packet().nonce);
  }
  auto v6 = encode_echo_request(IpFamily::kV6, packet());
  v6[0] = 129;
  EXPECT_TRUE(decode_echo_reply(IpFamily::kV6, false, v6));
  EXPECT_FALSE(decode_echo_reply(IpFamily::kV4, false, v6));
}

TEST(EchoPacket, AnyCutOrFlippedBitIsRefused) {
  const auto whole = reply_v4(true);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_echo_reply(IpFamily::kV4, true, std::span(whole).first(size))) << size;
  for (std::size_t bit = 24 * 8; bit < whole.size() * 8; ++bit) {
    auto wrong = whole;
    wrong[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    EXPECT_FALSE(decode_echo_reply(IpFamily::kV4, true, wrong)) << bit;
  }
}

TEST(EchoPacket, GarbageDoesNoHarm) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::uint8_t> bytes(random() % 80);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (!bytes.empty()) bytes[0] = static_cast<std::uint8_t>(0x40 | (random() & 0x0f));
    if (bytes.size() > 9) bytes[9] = 1;
    decode_echo_reply(IpFamily::kV4, true, bytes);
    decode_echo_reply(IpFamily::kV6, false, bytes);
  }
  EXPECT_FALSE(decode_echo_reply(IpFamily::kV4, false, std::vector<std::uint8_t>(9000)));
}

}  // namespace
}  // namespace turbo
