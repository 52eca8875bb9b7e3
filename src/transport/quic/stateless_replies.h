#pragma once
// What a server says to packets of no connection of its own: another version, a reset, a Retry, a refusal.
// Each is smaller than what it answers, and there is a bound to them a second. Private to this folder.

#include <ngtcp2/ngtcp2.h>

#include <cstdint>
#include <span>

#include "core/time.h"
#include "transport/quic/tls_session.h"
#include "transport/quic/udp_socket.h"

namespace turbo {

class StatelessReplies {
 public:
  // All three outlive it.
  StatelessReplies(UdpSocket& socket, const ResetSecret& reset_secret, const ResetSecret& token_secret)
      : socket_(socket), reset_secret_(reset_secret), token_secret_(token_secret) {}

  // size: of the packet that is answered, in bytes.
  void negotiate_version(const SocketAddress& to, const ngtcp2_version_cid& names, std::size_t size,
                         Time now);
  void reset(const SocketAddress& to, const ngtcp2_version_cid& names, std::size_t size, Time now);
  void ask_to_retry(const SocketAddress& to, const ngtcp2_pkt_hd& initial, Time now);
  void refuse(const SocketAddress& to, const ngtcp2_pkt_hd& initial, Time now);

 private:
  void count_replies_anew(Time now);
  bool may_reply(Time now);
  bool may_ask_to_retry(Time now);
  void reply(const SocketAddress& to, std::span<const std::uint8_t> packet, ngtcp2_ssize size);

  UdpSocket& socket_;
  const ResetSecret& reset_secret_;
  const ResetSecret& token_secret_;
  Time replies_since_{};
  std::uint32_t replies_ = 0, retries_ = 0;
};

}  // namespace turbo
