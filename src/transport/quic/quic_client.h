#pragma once
// The vehicle's end of the QUIC transport: keeps one connection to the server alive, and
// opens it again with back-off when it is lost. Single-threaded and driven: its owner's
// event loop watches fd() for reading and calls on_timer at next_deadline(). After each
// of on_readable and on_timer, and of calling send, ask next_deadline() again.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "transport/quic/quic_types.h"
#include "transport/resolver/host_lookup.h"

namespace turbo {

struct QuicClientConfig {
  std::string host;  // name or numeric address
  std::uint16_t port = 0;
  std::string peer_name;      // what the server's certificate must be made out to; empty: the host
  std::string ca_file;        // PEM; nothing else is trusted
  std::uint32_t streams = 1;  // both ways, opened with every connection
  QuicSettings settings;
  std::string certificate_file = {};  // PEM; what this client shows of itself; empty: nothing
  std::string key_file = {};
  std::string alpn = kTurboAlpn;
  // For tests: which address of this machine to send from, instead of what the kernel says; nothing: none
  // leads there.
  std::function<std::optional<Address>(const Address& server)> local_address = {};
  HostLookup::Wait look_up = {};  // for tests; empty: the system's own
};

class QuicClient {
 public:
  // Begins to connect. Throws std::runtime_error when the CA file or its
  // own certificate cannot be read. A host that cannot be found or does not answer is no error: it is
  // tried again. on_disconnected is called for every attempt that failed, too.
  // Never waits for a name server; while one does not answer, the last
  // addresses it gave are tried.
  QuicClient(QuicClientConfig config, QuicHandler& handler, Time now);
  ~QuicClient();

  int fd() const;  // the same number for the client's whole life
  Time next_deadline() const;
  void on_readable(Time now);  // both also write what may be sent
  void on_timer(Time now);
  // Sends what flow control, congestion control, pacing and the owner's allowance let through.
  void write(Time now);

  // 0 while not connected.
  ConnectionId connection() const;
  bool confirmed() const;  // and the server has answered
  // Opens a one-way stream, which lives until all of it is acknowledged or it is reset. None: no connection,
  // or as many are open as the server takes.
  std::optional<StreamId> open_stream();
  bool can_open_stream() const;
  // Queues bytes on a stream; `last` ends it. False when there is no such stream. Nothing goes out before
  // write.
  bool send(StreamId stream, Chunk chunk, bool last = false);
  // Gives a one-way stream up at once.
  void reset(StreamId stream);
  std::uint64_t unsent_bytes(StreamId stream) const;
  std::uint64_t unacknowledged_bytes(StreamId stream) const;
  QuicInfo info() const;  // all zero while not connected

  // Goes on from a fresh local port, and so with a fresh congestion controller. As when this machine changes
  // its network, which the client notices by itself.
  void rebind(Time now);

  // Says farewell and stays closed.
  void close(Time now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace turbo
