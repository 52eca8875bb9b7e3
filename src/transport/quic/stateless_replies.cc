#include "transport/quic/stateless_replies.h"

#include <ngtcp2/ngtcp2_crypto.h>

#include <algorithm>
#include <array>

#include "transport/quic/connection.h"

namespace turbo {
namespace {

// A reset of the smallest size must still be shorter than what it answers (RFC 9000, 10.3).
constexpr std::size_t kSmallestResetTrigger =
    NGTCP2_MIN_STATELESS_RESET_RANDLEN + NGTCP2_STATELESS_RESET_TOKENLEN + 1;
constexpr std::uint32_t kRepliesPerSecond = 200;  // to packets of no connection
// Retries have a bound of their own: a flood that uses it up shuts everybody out, and each is much smaller
// than what it answers.
constexpr std::uint32_t kRetriesPerSecond = 10'000;

}  // namespace

void StatelessReplies::count_replies_anew(Time now) {
  if (now - replies_since_ <= std::chrono::seconds(1)) return;
  replies_since_ = now;
  replies_ = retries_ = 0;
}
bool StatelessReplies::may_reply(Time now) {
  count_replies_anew(now);
  return ++replies_ <= kRepliesPerSecond;
}
bool StatelessReplies::may_ask_to_retry(Time now) {
  count_replies_anew(now);
  return ++retries_ <= kRetriesPerSecond;
}

void StatelessReplies::reply(const SocketAddress& to, std::span<const std::uint8_t> packet,
                             ngtcp2_ssize size) {
  if (size > 0) socket_.send(&to, packet.subspan(0, static_cast<std::size_t>(size)), packet.size());
}

void StatelessReplies::negotiate_version(const SocketAddress& to, const ngtcp2_version_cid& names,
                                         std::size_t size, Time now) {
  if (size < NGTCP2_MAX_UDP_PAYLOAD_SIZE || !may_reply(now)) return;  // no amplification
  std::array<std::uint8_t, NGTCP2_MAX_UDP_PAYLOAD_SIZE> out;
  const std::uint32_t versions[] = {NGTCP2_PROTO_VER_V1};
  std::uint8_t random = 0;
  random_bytes(&random, 1);
  reply(to, out,
        ngtcp2_pkt_write_version_negotiation(out.data(), out.size(), random, names.scid, names.scidlen,
                                             names.dcid, names.dcidlen, versions, 1));
}

void StatelessReplies::reset(const SocketAddress& to, const ngtcp2_version_cid& names, std::size_t size,
                             Time now) {
  if (size < kSmallestResetTrigger || !may_reply(now)) return;
  ngtcp2_cid cid;
  ngtcp2_cid_init(&cid, names.dcid, names.dcidlen);
  std::array<std::uint8_t, NGTCP2_STATELESS_RESET_TOKENLEN> token;
  if (ngtcp2_crypto_generate_stateless_reset_token(token.data(), reset_secret_.data(), reset_secret_.size(),
                                                   &cid) != 0)
    return;
  std::array<std::uint8_t, 40> random;
  random_bytes(random.data(), random.size());
  // Shorter than what it answers, so that two ends cannot go on for ever.
  const std::size_t padding = std::min(random.size(), size - 1 - token.size());
  std::array<std::uint8_t, 64> out;
  reply(to, out,
        ngtcp2_pkt_write_stateless_reset(out.data(), out.size(), token.data(), random.data(), padding));
}

void StatelessReplies::ask_to_retry(const SocketAddress& to, const ngtcp2_pkt_hd& initial, Time now) {
  if (!may_ask_to_retry(now)) return;
  ngtcp2_cid scid{};
  scid.datalen = kServerCidBytes;
  random_bytes(scid.data, scid.datalen);
  std::array<std::uint8_t, NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN> token;
  const ngtcp2_ssize size =
      ngtcp2_crypto_generate_retry_token(token.data(), token_secret_.data(), token_secret_.size(),
                                         initial.version, reinterpret_cast<const ngtcp2_sockaddr*>(to.get()),
                                         to.size_bytes, &scid, &initial.dcid, timestamp(now));
  if (size < 0) return;
  std::array<std::uint8_t, NGTCP2_MAX_UDP_PAYLOAD_SIZE> out;
  reply(to, out,
        ngtcp2_crypto_write_retry(out.data(), out.size(), initial.version, &initial.scid, &scid,
                                  &initial.dcid, token.data(), static_cast<std::size_t>(size)));
}

void StatelessReplies::refuse(const SocketAddress& to, const ngtcp2_pkt_hd& initial, Time now) {
  if (!may_reply(now)) return;
  std::array<std::uint8_t, NGTCP2_MAX_UDP_PAYLOAD_SIZE> out;
  reply(to, out,
        ngtcp2_crypto_write_connection_close(out.data(), out.size(), initial.version, &initial.scid,
                                             &initial.dcid, NGTCP2_CONNECTION_REFUSED, nullptr, 0));
}

}  // namespace turbo
