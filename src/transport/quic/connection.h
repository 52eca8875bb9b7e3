#pragma once
// One QUIC connection, client or server side: ngtcp2 with its TLS session, the streams' sending halves, and a
// burst of packets at a time. It owns no socket and no timer. Private to this folder.

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/quic/quic_types.h"
#include "transport/quic/send_stream.h"
#include "transport/quic/tls_session.h"
#include "transport/quic/udp_socket.h"

namespace turbo {

inline constexpr std::uint64_t kGivenUp = 2;       // application error code of a stream's reset
inline constexpr std::size_t kServerCidBytes = 8;  // in every packet to the server

struct DeleteConn {
  void operator()(ngtcp2_conn* conn) const { ngtcp2_conn_del(conn); }
};

// What a client keeps of its last session with a server, to come back quickly.
struct SessionMemory {
  std::vector<std::uint8_t> ticket;            // for TLS: no full handshake, and requests in the first flight
  std::vector<std::uint8_t> transport_params;  // the limits that hold for those
  std::vector<std::uint8_t> token;             // shows its address to be its own: no Retry
};

class Connection {
 public:
  struct Common {
    ConnectionId id = 0;
    const QuicSettings* settings = nullptr;
    const TlsCredentials* credentials = nullptr;
    const RevocationList* revoked = nullptr;  // server: of its clients' certificates
    ResetSecret reset_secret{};
    QuicHandler* handler = nullptr;
    SocketAddress local;
    SocketAddress remote;
    Duration expected_rtt{};                 // from an earlier connection to this peer; 0: not known
    const ServerTickets* tickets = nullptr;  // server
    const ResetSecret* token_secret =
        nullptr;                      // server: of the tokens that show an address to be the client's
    SessionMemory* memory = nullptr;  // client: read at the start, written when there is something new
  };
  // The server. Told of every connection id by which the peer may name this connection.
  struct ServerHooks {
    std::function<void(const ngtcp2_cid&, Connection&)> added;
    std::function<void(const ngtcp2_cid&)> removed;
    // Asked once the peer's certificate is accepted. proven: the handshake is complete; not yet for early
    // data, which may be a replay and must take nobody's place.
    std::function<bool(const Connection&, bool proven, Time)> may_establish;
  };

  // The first packet of a client. With a token, of whatever kind, its address is validated (RFC 9000, 8.1).
  struct Accepted {
    const ngtcp2_pkt_hd* initial = nullptr;
    ngtcp2_cid original_dcid{};
    bool retried = false;
    bool returned = false;  // with a token of an earlier connection
  };

  // A client: opens `streams` streams, both ways, once the handshake is complete. Both throw
  // std::runtime_error.
  Connection(const Common& common, const std::string& peer_name, std::uint32_t streams, Time now);
  Connection(const Common& common, const Accepted& accepted, ServerHooks hooks, Time now);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A client, at once after its making: when it returns to a server that it knows, the handler hears
  // on_connected here, and what it sends leaves with the first flight (0-RTT).
  void begin(Time now);
  // A client: goes on from another address of this machine, without a handshake. False: not now (RFC 9000,
  // 9), so that it has to connect anew.
  bool migrate(const SocketAddress& local, Time now);
  void read(const SocketAddress& from, std::span<const std::uint8_t> packet, Time now);
  void on_timer(Time now);
  // Sends at most one burst; pacing says in next_deadline when the next is due.
  void write(UdpSocket& socket, Time now);
  // Tells the handler what left flight since the last call. After a batch of packets was read.
  void tell_flight(Time now);
  Time next_deadline() const;
  bool has_news() const { return has_news_; }  // since write: perhaps there is something to send

  // Tells the peer, once, and ends the connection.
  void close(const std::string& reason, Time now, UdpSocket& socket);
  // Ends it without telling the peer.
  void abandon(const std::string& reason) { end(reason, false); }
  // Not empty once the connection has ended.
  const std::string& ended() const { return ended_; }
  // Sends the farewell that an error calls for. The connection must have ended.
  void send_farewell(UdpSocket& socket, Time now);

  ConnectionId id() const { return common_.id; }
  const SocketAddress& remote() const { return common_.remote; }  // the first that it had
  bool established() const { return established_; }
  std::string peer_address() const;  // that it has now
  // Server: of the client's certificate; its name is there for one that was refused, too.
  const PeerCheck& peer() const { return peer_; }
  // Ended because TLS or the owner's policy turned the peer away, as against lost or left.
  bool refused() const { return refused_; }
  // The peer has shown that it holds the keys of this session; a client that came back sends before that.
  bool confirmed() const { return confirmed_; }
  bool heard() const { return heard_; }                          // client: the server has begun to answer
  bool address_validated() const { return address_validated_; }  // server: by a token
  // When the peer last showed that it lives: something acknowledged or data.
  Time last_life() const { return last_life_; }
  bool can_open_stream() const;
  // Opens a one-way stream; none: the peer takes no more at a time, or there is no connection yet.
  std::optional<StreamId> open_stream();
  bool send(StreamId stream, Chunk chunk, bool last);
  // Gives a one-way stream up: what is unsent is never sent, what is lost not again.
  void reset(StreamId stream);
  std::uint64_t unsent_bytes(StreamId stream) const;
  std::uint64_t unacknowledged_bytes(StreamId stream) const;
  QuicInfo info() const;

 private:
  friend struct ConnectionCallbacks;
  struct Burst {  // packets of one size, the last may be shorter, waiting for the socket
    std::vector<std::uint8_t> bytes;
    std::size_t used = 0;
    std::size_t segment = 0;
  };

  void finish_construction(std::unique_ptr<TlsSession> tls);
  // ngtcp2 ends the process when time runs backwards: callers may be a few microseconds apart.
  std::uint64_t advance_to(Time& now);
  ngtcp2_path path_to(const SocketAddress& remote);
  void fail(int code);
  void fail_tls();
  std::string farewell_of_peer();
  void establish();
  // Server: lets the client in, once; false: it is refused, and peer_ or breach_ says why.
  bool admit(bool proven);
  bool open_service_streams();
  void redo_early();
  void remember_ticket();
  void hand_out_token(const ngtcp2_addr& remote);
  void end(std::string reason, bool farewell);
  struct Turn {
    SendStream* stream = nullptr;
    StreamId id = -1;
    std::uint64_t max_bytes = 0;
    bool again = false;  // the handler was told already that they were sent
  };
  Turn next_turn(Time now);
  std::uint64_t bytes_in_flight() const;
  ngtcp2_ssize write_packet(std::uint8_t* to, std::size_t size, ngtcp2_path* path, Time now);
  bool flush(UdpSocket& socket, Time now);

  Common common_;
  bool server_ = false;
  std::uint32_t client_streams_ = 0;
  ServerHooks hooks_;
  ngtcp2_crypto_conn_ref reference_{};
  std::unique_ptr<TlsSession> tls_;  // before conn_: ngtcp2 lets go of it first
  std::unique_ptr<ngtcp2_conn, DeleteConn> conn_;

  std::map<StreamId, SendStream> services_, frames_;  // both ways, one way
  std::vector<StreamId> unused_;  // one-way, given up before anything was sent: the peer does not know them
  std::size_t replaced_ = 0;      // streams that the peer gave up, and ngtcp2 still has
  StreamId last_served_ = -1;
  std::uint64_t bursts_ = 0;
  std::uint64_t in_flight_seen_ = 0;
  Burst burst_;
  SocketAddress burst_to_;
  Time retry_send_at_ = Time::max();

  bool has_news_ = true;
  bool established_ = false;
  bool early_ = false;    // client: it sends before the server has answered
  bool redoing_ = false;  // what was sent so is being sent again
  bool heard_ = false;
  bool confirmed_ = false;
  bool ticket_kept_ = false;
  PeerCheck peer_;
  bool refused_ = false, no_room_ = false;
  bool address_validated_ = false;
  Time last_life_;
  Time now_;  // of the call in progress, for callbacks
  Duration last_rtt_seen_{};
  std::string breach_;  // what the handler said of the peer's data
  std::string ended_;
  bool owes_farewell_ = false;
  ngtcp2_ccerr farewell_{};
};

std::uint64_t timestamp(Time now);

}  // namespace turbo
