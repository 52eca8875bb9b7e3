#pragma once
// The cloud's end of the QUIC transport: takes several clients
// at a time. Single-threaded and driven, as QuicClient.

#include <cstdint>
#include <memory>
#include <string>

#include "transport/quic/quic_types.h"

namespace turbo {

struct QuicServerConfig {
  std::string host;  // address to bind; empty or "*": any of this machine, IPv6 and IPv4
  std::uint16_t port = 0;
  std::string certificate_file;  // PEM
  std::string
      key_file;  // PEM; connections of a former life with the same key are reset, not left to time out
  QuicSettings settings;
  std::string client_ca_file = {};  // PEM; who signs the clients' certificates; empty: clients need none
  std::string revoked_file = {};  // PEM; the clients' certificates that are void; read again when it changes
  std::string alpn = kTurboAlpn;
};

class QuicServer {
 public:
  // Binds. Throws std::runtime_error. The handler hears only of clients whose handshake was completed.
  QuicServer(QuicServerConfig config, QuicHandler& handler);
  ~QuicServer();

  int fd() const;
  std::uint16_t port() const;
  Time next_deadline() const;
  void on_readable(Time now);  // both also write what may be sent
  void on_timer(Time now);
  void write(Time now);

  // False when that connection is gone.
  bool send(ConnectionId connection, StreamId stream, Chunk chunk, bool last = false);
  std::uint64_t unsent_bytes(ConnectionId connection, StreamId stream) const;
  std::uint64_t unacknowledged_bytes(ConnectionId connection, StreamId stream) const;
  QuicInfo info(ConnectionId connection) const;  // all zero when that connection is gone
  // The name in the client's certificate; empty when it showed none or is gone. Also while on_connected runs.
  std::string peer_name(ConnectionId connection) const;
  // Where its packets come from now, as "10.0.0.7:51234"; empty when it is gone.
  std::string peer_address(ConnectionId connection) const;
  std::size_t connections() const;  // established or not

  void close(Time now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace turbo
