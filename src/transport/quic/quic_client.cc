#include "transport/quic/quic_client.h"

#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "transport/quic/connection.h"
#include "transport/quic/route_watch.h"

namespace turbo {
namespace {
constexpr std::size_t kPacketsPerRead = 512;  // then the timers and the other sockets get their turn
// A refused port is believed when the peer has shown no life for this long either.
constexpr Duration kRefusedSilence = std::chrono::milliseconds(500);
// For so long an attempt waits for a name server: without an address to try instead, and with one. It looks
// at an interval whether there is an answer, since the owner watches one descriptor only, the socket's.
constexpr Duration kNamePatience = std::chrono::milliseconds(500);
constexpr Duration kShortNamePatience = std::chrono::milliseconds(50);
constexpr Duration kUnreachableLook = std::chrono::milliseconds(10);
constexpr Duration kNameLook = std::chrono::milliseconds(10);

SocketAddress at_port(const Address& address, std::uint16_t port) {
  SocketAddress out{address.storage, address.size};
  if (out.storage.ss_family == AF_INET) reinterpret_cast<sockaddr_in*>(&out.storage)->sin_port = htons(port);
  if (out.storage.ss_family == AF_INET6)
    reinterpret_cast<sockaddr_in6*>(&out.storage)->sin6_port = htons(port);
  return out;
}

SocketAddress without_port(const Address& address) { return at_port(address, 0); }

RouteWatch::Ask asked_of(const QuicClientConfig& config) {
  if (!config.local_address) return {};
  return [ask = config.local_address](const SocketAddress& remote) -> std::optional<SocketAddress> {
    const auto local = ask(Address{remote.storage, remote.size_bytes});
    if (!local) return std::nullopt;
    return without_port(*local);
  };
}

// An attempt that the server does not answer is given up early, so that probes keep coming when the link is
// back; a longer way than before shows in longer and longer attempts.
constexpr Duration kShortestPatience = std::chrono::milliseconds(700);
constexpr Duration kFirstPatience = std::chrono::milliseconds(1'500);
Duration patience_of(Duration last_rtt, Duration longest, int unanswered) {
  Duration patience =
      last_rtt > Duration::zero() ? std::max(8 * last_rtt, kShortestPatience) : kFirstPatience;
  for (int i = 0; i < unanswered && patience < longest; ++i) patience += patience / 2;
  return std::min(patience, longest);
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
  RouteWatch routes;
  std::vector<Address> addresses;  // the last that were found
  std::string lookup_error;
  std::optional<Time> looking_until;  // while an attempt waits for a name server
  std::size_t next_address = 0;
  Time retry_at;
  Duration backoff;
  Duration last_rtt{};
  SessionMemory memory;
  Time next_look = Time::max();
  Time attempt_ends = Time::max();
  int unanswered = 0;  // attempts in a row
  bool closed = false;

  State(QuicClientConfig c, QuicHandler& h, Time now)
      : config(std::move(c)),
        handler(h),
        credentials(TlsCredentials::for_client(config.ca_file, config.certificate_file, config.key_file,
                                               config.alpn)),
        lookup(config.look_up),
        routes(asked_of(config)),
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
      open_socket(common.remote);
      common.local = socket.local();
      connection = std::make_unique<Connection>(common, config.peer_name, config.streams, now);
      attempt_ends = now + patience_of(last_rtt, config.settings.handshake_timeout, unanswered);
      next_look = now + config.settings.network_look;
      connection->begin(now);
      connection->write(socket, now);
    } catch (const std::exception& e) {
      connection.reset();
      retry_later(now);
      handler.on_disconnected(id, e.what(), now);
    }
  }

  void open_socket(const SocketAddress& remote) {
    const auto told = routes.is_told() ? routes.local_for(remote) : std::nullopt;
    if (routes.is_told() && !told) throw std::runtime_error("no way to " + remote.text());
    socket.connect_to(remote, told ? &*told : nullptr);
  }

  // A car changes networks: the kernel would send from another address now.
  void watch_network(Time now) {
    if (!connection || now < next_look) return;
    next_look = now + config.settings.network_look;
    const auto local = routes.local_for(connection->remote());
    if (local && !local->same_host(socket.local())) move_on(now);
  }

  void move_on(Time now) {
    if (!connection) return;
    try {
      open_socket(connection->remote());
    } catch (const std::exception& e) {
      return lose(e.what(), now);
    }
    if (connection->confirmed() && connection->migrate(socket.local(), now))
      return handler.on_path_changed(connection->id(), now);
    lose("this machine's address has changed", now);
    retry_at = now;
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
      unanswered = 0;
      last_rtt = connection->info().smoothed_rtt;
    }
    // Whatever the server held against us, it may hold against the ticket.
    if (connection->refused()) memory = {};
    connection.reset();
    retry_later(now);
    handler.on_disconnected(id, reason, now);
  }

  void give_up_unanswered(Time now) {
    if (!connection || connection->heard() || now < attempt_ends) return;
    ++unanswered;
    lose("no handshake in time", now);
    retry_at = now;  // the attempt has taken its time
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
    if (socket.take_unreachable()) next_look = std::min(next_look, now + kUnreachableLook);
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
  return std::min({state_->connection->next_deadline(), state_->silence_deadline(), state_->next_look,
                   state_->connection->heard() ? Time::max() : state_->attempt_ends});
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
  s.give_up_unanswered(now);
  s.watch_network(now);
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

void QuicClient::rebind(Time now) {
  state_->move_on(now);
  state_->write(now);
}

void QuicClient::close(Time now) {
  if (state_->connection) state_->connection->close("the client was stopped", now, state_->socket);
  state_->connection.reset();
  state_->closed = true;
}

}  // namespace turbo
