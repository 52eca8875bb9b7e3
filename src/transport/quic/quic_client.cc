#include "transport/quic/quic_client.h"

#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "transport/quic/connection.h"

namespace turbo {
namespace {
constexpr std::size_t kPacketsPerRead = 512;  // then the timers and the other sockets get their turn
// A refused port is believed when the peer has shown no life for this long either.
constexpr Duration kRefusedSilence = std::chrono::milliseconds(500);
// For so long an attempt waits for a name server: without an address to try instead, and with one. It looks
// at an interval whether there is an answer, since the owner watches one descriptor only, the socket's.
constexpr Duration kNamePatience = std::chrono::milliseconds(500);
constexpr Duration kShortNamePatience = std::chrono::milliseconds(50);
constexpr Duration kNameLook = std::chrono::milliseconds(10);

SocketAddress at_port(const Address& address, std::uint16_t port) {
  SocketAddress out{address.storage, address.size};
  if (out.storage.ss_family == AF_INET) reinterpret_cast<sockaddr_in*>(&out.storage)->sin_port = htons(port);
  if (out.storage.ss_family == AF_INET6)
    reinterpret_cast<sockaddr_in6*>(&out.storage)->sin6_port = htons(port);
  return out;
}
}  // namespace

struct QuicClient::State {
  QuicClientConfig config;
  QuicHandler& handler;
  TlsCredentials credentials;
  ResetSecret reset_secret = random_reset_secret();
  UdpSocket socket;
  std::unique_ptr<Connection> connection;
  ConnectionId last_id = 0;
  HostLookup lookup;
  std::vector<Address> addresses;  // the last that were found
  std::string lookup_error;
  std::optional<Time> looking_until;  // while an attempt waits for a name server
  std::size_t next_address = 0;
  Time retry_at;
  Duration backoff;
  Duration last_rtt{};
  SessionMemory memory;
  bool closed = false;

  State(QuicClientConfig c, QuicHandler& h, Time now)
      : config(std::move(c)),
        handler(h),
        credentials(TlsCredentials::for_client(config.ca_file, config.certificate_file, config.key_file)),
        lookup(config.look_up),
        retry_at(now),
        backoff(config.settings.backoff_min) {
    if (config.peer_name.empty()) config.peer_name = config.host;
  }

  // Asked anew for every attempt: the server may have moved.
  void look_up(Time now) {
    if (!looking_until) {
      looking_until = now + (addresses.empty() ? kNamePatience : kShortNamePatience);
      lookup.start(config.host);
    }
    if (auto result = lookup.take()) {
      if (!result->addresses.empty()) addresses = std::move(result->addresses);
      lookup_error = std::move(result->error);
    } else if (now < *looking_until) {
      retry_at = now + kNameLook;
      return;
    } else {
      lookup_error = "the name server does not answer";
    }
    looking_until.reset();
    connect(now);
  }

  // Each attempt takes the next of the known addresses.
  void connect(Time now) {
    const ConnectionId id = ++last_id;
    try {
      if (addresses.empty())
        throw std::runtime_error("looking up the address of " + config.host + ": " + lookup_error);
      Connection::Common common;
      common.id = id;
      common.settings = &config.settings;
      common.credentials = &credentials;
      common.reset_secret = reset_secret;
      common.handler = &handler;
      common.expected_rtt = last_rtt;
      common.memory = &memory;
      common.remote = at_port(addresses[next_address++ % addresses.size()], config.port);
      socket.connect_to(common.remote);
      common.local = socket.local();
      connection = std::make_unique<Connection>(common, config.peer_name, config.streams, now);
      connection->begin(now);
      connection->write(socket, now);
    } catch (const std::exception& e) {
      connection.reset();
      retry_later(now);
      handler.on_disconnected(id, e.what(), now);
    }
  }

  void retry_later(Time now) {
    retry_at = now + backoff;
    backoff = std::min(backoff * 2, config.settings.backoff_max);
  }

  void lose(const std::string& reason, Time now) {
    connection->send_farewell(socket, now);
    const ConnectionId id = connection->id();
    if (connection->confirmed()) {
      backoff = config.settings.backoff_min;
      last_rtt = connection->info().smoothed_rtt;
    }
    // Whatever the server held against us, it may hold against the ticket.
    if (connection->refused()) memory = {};
    connection.reset();
    retry_later(now);
    handler.on_disconnected(id, reason, now);
  }

  void settle(Time now) {
    if (connection && !connection->ended().empty()) lose(std::string(connection->ended()), now);
  }

  Time silence_deadline() const {
    return connection->confirmed() ? connection->last_life() + config.settings.silence_timeout : Time::max();
  }

  void read(Time now) {
    const bool refused = socket.receive(kPacketsPerRead, [&](const SocketAddress& from, auto packet) {
      if (connection) connection->read(from, packet, now);
    });
    if (connection && connection->ended().empty()) connection->tell_flight(now);
    settle(now);
    if (!refused || !connection) return;
    if (!connection->confirmed() || now - connection->last_life() > kRefusedSilence)
      lose("nobody listens at " + config.host + ":" + std::to_string(config.port), now);
  }

  void write(Time now) {
    if (!connection) return;
    connection->write(socket, now);
    settle(now);
  }
};

QuicClient::QuicClient(QuicClientConfig config, QuicHandler& handler, Time now)
    : state_(std::make_unique<State>(std::move(config), handler, now)) {
  SocketAddress any;  // a descriptor to watch from the start, before there is an address to connect to
  any.storage.ss_family = AF_INET;
  any.size_bytes = sizeof(sockaddr_in);
  state_->socket.bind_to(any);
}

QuicClient::~QuicClient() = default;

int QuicClient::fd() const { return state_->socket.fd(); }

Time QuicClient::next_deadline() const {
  if (state_->closed) return Time::max();
  if (!state_->connection) return state_->retry_at;
  return std::min(state_->connection->next_deadline(), state_->silence_deadline());
}

void QuicClient::on_readable(Time now) {
  state_->read(now);
  state_->write(now);
}

void QuicClient::on_timer(Time now) {
  State& s = *state_;
  if (s.closed) return;
  if (!s.connection) {
    if (now >= s.retry_at) s.look_up(now);
    return;
  }
  s.connection->on_timer(now);
  s.settle(now);
  if (s.connection && now >= s.silence_deadline()) {
    s.read(now);  // this process may itself have been away: what waits in the socket counts
    if (s.connection && now >= s.silence_deadline()) s.lose("the server is silent", now);
  }
  s.write(now);
}

void QuicClient::write(Time now) { state_->write(now); }

ConnectionId QuicClient::connection() const {
  return state_->connection && state_->connection->established() ? state_->connection->id() : 0;
}

bool QuicClient::confirmed() const { return state_->connection && state_->connection->confirmed(); }

bool QuicClient::can_open_stream() const {
  return state_->connection && state_->connection->can_open_stream();
}

std::optional<StreamId> QuicClient::open_stream() {
  return state_->connection ? state_->connection->open_stream() : std::nullopt;
}

bool QuicClient::send(StreamId stream, Chunk chunk, bool last) {
  return state_->connection && state_->connection->send(stream, std::move(chunk), last);
}

void QuicClient::reset(StreamId stream) {
  if (state_->connection) state_->connection->reset(stream);
}

std::uint64_t QuicClient::unsent_bytes(StreamId stream) const {
  return state_->connection ? state_->connection->unsent_bytes(stream) : 0;
}

std::uint64_t QuicClient::unacknowledged_bytes(StreamId stream) const {
  return state_->connection ? state_->connection->unacknowledged_bytes(stream) : 0;
}

QuicInfo QuicClient::info() const { return connection() ? state_->connection->info() : QuicInfo{}; }

void QuicClient::close(Time now) {
  if (state_->connection) state_->connection->close("the client was stopped", now, state_->socket);
  state_->connection.reset();
  state_->closed = true;
}

}  // namespace turbo
