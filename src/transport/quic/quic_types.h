#pragma once
// What both ends of the QUIC transport share: limits, figures
// of a connection, and what an endpoint tells its owner.

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace turbo {

// Bytes handed to the transport. They are sent from where
// they lie and kept until the peer has acknowledged them.
using Chunk = std::shared_ptr<const std::vector<std::uint8_t>>;

// Names one connection of an endpoint; never used again. 0: none.
using ConnectionId = std::uint64_t;
// QUIC's own number of a stream. Of the client's: 0, 4, 8 ... go both ways, 2, 6, 10 ... from it only.
using StreamId = std::int64_t;
constexpr StreamId bidirectional_stream(std::size_t index) { return static_cast<StreamId>(4 * index); }
constexpr bool is_unidirectional(StreamId stream) { return (stream & 2) != 0; }

// Whose bytes go next, and how many of them at most.
inline constexpr StreamId kOldestStream = -1;  // of those with something to send
struct StreamTurn {
  StreamId stream = kOldestStream;
  std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max();
};

inline constexpr char kTurboAlpn[] = "turbo/2";

struct QuicSettings {
  Duration idle_timeout = std::chrono::seconds(60);
  Duration handshake_timeout = std::chrono::seconds(3);
  Duration keep_alive = std::chrono::milliseconds(500);        // client only
  Duration silence_timeout = std::chrono::milliseconds(2000);  // client only: a peer that is gone
  Duration network_look = std::chrono::milliseconds(100);  // client only: has this machine another address?
  Duration backoff_min = std::chrono::milliseconds(100);   // client only
  Duration backoff_max = std::chrono::milliseconds(1000);
  // Receive windows. They bound what a peer can make this end keep out of order, a connection.
  std::uint64_t stream_window_bytes = 8 << 20;
  std::uint64_t connection_window_bytes = 16 << 20;
  std::uint32_t peer_streams = 0;  // client only: one-way streams that the server may open; turbo/2 has none
  std::uint32_t max_streams = 64;  // server only, a connection: both ways, and as many one way at a time
  std::uint32_t max_connections = 32;  // server only: those whose handshake is complete
  // server only: of clients whose certificates bear the same name; beyond, the longest silent one is closed.
  // Without client certificates there are no names, and no such bound.
  std::uint32_t max_connections_a_name = 2;
  std::uint32_t max_half_open = 64;  // server only: the others
};

struct QuicInfo {
  Duration latest_rtt{};
  Duration min_rtt{};
  Duration smoothed_rtt{};
  std::uint64_t congestion_window_bytes = 0;
  std::uint64_t bytes_in_flight = 0;
};

// Bytes that entered flight, and that left it, since the last telling.
struct Flight {
  std::uint64_t sent_bytes = 0;
  std::uint64_t acknowledged_bytes = 0;
  std::uint64_t lost_bytes = 0;
};

// Implemented by the owner of an endpoint. Called from within on_readable, on_timer and write, in the
// caller's thread. An implementation may call the endpoint's open_stream, send, reset and figures, nothing
// else of it.
class QuicHandler {
 public:
  virtual ~QuicHandler() = default;
  // The server: of the client's certificate it is the QuicServer that tells the name (peer_name).
  virtual void on_connected(ConnectionId connection, Time now) = 0;
  // A client that comes back hears on_connected before the server has answered, and what it sends by then may
  // reach nobody; this says that the server is there. Also after every other on_connected of a client.
  virtual void on_confirmed(ConnectionId, Time) {}
  // A client: it goes on from another address. Nothing is in flight, and nothing is known of the path.
  virtual void on_path_changed(ConnectionId, Time) {}
  virtual void on_disconnected(ConnectionId connection, std::string_view reason, Time now) = 0;
  // For the operator's log: who was refused and why, what the endpoint could not read. A hostile peer cannot
  // make it come more often than a few times a second.
  virtual void on_notice(std::string_view, Time) {}
  // The next bytes of a stream, in order; `end`: they are its last. An answer that is not empty is a breach
  // of protocol by the peer: the connection is closed for that reason.
  virtual std::string on_stream_data(ConnectionId connection, StreamId stream,
                                     std::span<const std::uint8_t> data, bool end, Time now) = 0;
  // The peer gave up a one-way stream; nothing more of it comes.
  virtual void on_stream_reset(ConnectionId, StreamId, Time) {}

  // Which one-way stream sends next; none: none may now, and the owner calls write when one may. Streams that
  // go both ways carry little, are not asked for, and go first.
  virtual std::optional<StreamTurn> next_turn(ConnectionId, Time) { return StreamTurn{}; }
  // Bytes of a one-way stream were put into packets.
  virtual void on_sent(ConnectionId, StreamId, std::uint64_t /*bytes*/, Time) {}

  // What the network has, in bytes of QUIC packets that count as in flight.
  virtual void on_flight(ConnectionId, const Flight&, Time) {}
};

}  // namespace turbo
