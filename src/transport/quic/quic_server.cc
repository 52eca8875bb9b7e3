#include "transport/quic/quic_server.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "transport/quic/connection.h"
#include "transport/quic/notice_limit.h"
#include "transport/quic/stateless_replies.h"

namespace turbo {
namespace {

constexpr std::size_t kPacketsPerRead = 512;
constexpr std::size_t kHalfOpenBeforeRetry = 2;  // beyond it clients must show that their address is theirs
constexpr Duration kReplaceableSilence = std::chrono::seconds(5);
constexpr Duration kOwnSilence = std::chrono::seconds(1);  // of a name's own connection, before early data
constexpr ngtcp2_duration kRetryTokenLife = 10 * NGTCP2_SECONDS;
constexpr ngtcp2_duration kReturnTokenLife = 3'600 * NGTCP2_SECONDS;

std::string key_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

struct QuicServer::State {
  QuicServerConfig config;
  QuicHandler& handler;
  TlsCredentials credentials;
  RevocationList revoked;
  NoticeLimit notices;
  ServerTickets tickets;
  ResetSecret reset_secret;
  const ResetSecret token_secret = random_reset_secret();
  UdpSocket socket;
  StatelessReplies replies{socket, reset_secret, token_secret};
  std::unordered_map<ConnectionId, std::unique_ptr<Connection>> connections;
  std::unordered_map<std::string, Connection*> by_cid;
  ConnectionId last_id = 0;

  State(QuicServerConfig c, QuicHandler& h)
      : config(std::move(c)),
        handler(h),
        credentials(TlsCredentials::for_server(config.certificate_file, config.key_file,
                                               config.client_ca_file, config.alpn)),
        revoked(config.revoked_file, config.client_ca_file),
        reset_secret(reset_secret_of(config.key_file)) {
    bind();
  }

  void bind() {
    const bool any = config.host.empty() || config.host == "*";
    auto addresses = resolve(any ? "" : config.host, config.port);
    // An IPv6 socket also takes IPv4; where the machine has no IPv6 the next address is tried.
    std::stable_sort(addresses.begin(), addresses.end(), [](const auto& a, const auto& b) {
      return (a.storage.ss_family == AF_INET6) > (b.storage.ss_family == AF_INET6);
    });
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      try {
        return socket.bind_to(addresses[i]);
      } catch (const std::runtime_error& e) {
        if (i + 1 == addresses.size())
          throw std::runtime_error(std::string(e.what()) + "; is it this machine's address, and free?");
      }
    }
  }

  void receive(const SocketAddress& from, std::span<const std::uint8_t> packet, Time now) {
    ngtcp2_version_cid names;
    const int code = ngtcp2_pkt_decode_version_cid(&names, packet.data(), packet.size(), kServerCidBytes);
    if (code == NGTCP2_ERR_VERSION_NEGOTIATION)
      return replies.negotiate_version(from, names, packet.size(), now);
    if (code != 0) return;
    const auto known = by_cid.find(key_of(names.dcid, names.dcidlen));
    if (known != by_cid.end()) {
      return read(*known->second, from, packet, now);
    }
    ngtcp2_pkt_hd initial;
    if (ngtcp2_accept(&initial, packet.data(), packet.size()) == 0) return accept(from, packet, initial, now);
    const bool short_header =
        (packet[0] & 0x80) == 0;  // only there has the connection id the size that we gave it
    if (short_header) replies.reset(from, names, packet.size(), now);
  }

  void read(Connection& connection, const SocketAddress& from, std::span<const std::uint8_t> packet,
            Time now) {
    connection.read(from, packet, now);
    // At once: a damaged first packet must not swallow the true one behind it.
    if (!connection.ended().empty()) settle(now);
  }

  std::size_t count(bool established) const {
    return static_cast<std::size_t>(std::count_if(connections.begin(), connections.end(), [&](const auto& c) {
      return c.second->ended().empty() && c.second->established() == established;
    }));
  }

  void accept(const SocketAddress& from, std::span<const std::uint8_t> packet, const ngtcp2_pkt_hd& initial,
              Time now) {
    Connection::Accepted accepted{&initial, initial.dcid, false};
    if (initial.tokenlen > 0 && initial.token[0] == NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY) {
      accepted.retried =
          ngtcp2_crypto_verify_retry_token(
              &accepted.original_dcid, initial.token, initial.tokenlen, token_secret.data(),
              token_secret.size(), initial.version, reinterpret_cast<const ngtcp2_sockaddr*>(from.get()),
              from.size_bytes, &initial.dcid, kRetryTokenLife, timestamp(now)) == 0;
      if (!accepted.retried) return;
    }
    if (initial.tokenlen > 0 && initial.token[0] == NGTCP2_CRYPTO_TOKEN_MAGIC_REGULAR)
      accepted.returned = ngtcp2_crypto_verify_regular_token(
                              initial.token, initial.tokenlen, token_secret.data(), token_secret.size(),
                              reinterpret_cast<const ngtcp2_sockaddr*>(from.get()), from.size_bytes,
                              kReturnTokenLife, timestamp(now)) == 0;
    if (!accepted.retried && !accepted.returned && count(false) >= kHalfOpenBeforeRetry)
      return replies.ask_to_retry(from, initial, now);
    // Whether there is room is seen again at the end of the handshake: a first packet may be forged, and must
    // not take the place of anybody who has shown who he is.
    if (count(true) >= config.settings.max_connections && silent_one(now) == nullptr)
      return replies.refuse(from, initial, now);
    if (count(false) >= config.settings.max_half_open) drop_half_open(now);
    Connection::Common common;
    common.id = ++last_id;
    common.settings = &config.settings;
    common.credentials = &credentials;
    common.revoked = credentials.asks_clients() ? &revoked : nullptr;
    common.tickets = &tickets;
    common.token_secret = &token_secret;
    common.reset_secret = reset_secret;
    common.handler = &handler;
    common.local = socket.local();
    common.remote = from;
    try {
      Connection::ServerHooks hooks;
      hooks.added = [this](const ngtcp2_cid& cid, Connection& named) {
        by_cid[key_of(cid.data, cid.datalen)] = &named;
      };
      hooks.removed = [this](const ngtcp2_cid& cid) { by_cid.erase(key_of(cid.data, cid.datalen)); };
      hooks.may_establish = [this](const Connection& newcomer, bool proven, Time at) {
        return make_room(newcomer, proven, at);
      };
      auto connection = std::make_unique<Connection>(common, accepted, std::move(hooks), now);
      Connection& made = *connection;
      connections.emplace(common.id, std::move(connection));
      read(made, from, packet, now);
    } catch (const std::exception& e) {
      // Out of memory or of random bytes: this client has to try again.
      discard(common.id, e.what(), now);
    }
  }

  // Whatever there is of a connection, known to all tables or not yet.
  void discard(ConnectionId id, const char* reason, Time now) {
    std::unique_ptr<Connection> gone;
    if (const auto found = connections.find(id); found != connections.end()) {
      gone = std::move(found->second);
      connections.erase(found);
    }
    std::erase_if(by_cid, [&](const auto& entry) {
      return std::none_of(connections.begin(), connections.end(),
                          [&](const auto& kept) { return kept.second.get() == entry.second; });
    });
    if (gone && gone->established()) handler.on_disconnected(id, reason, now);
  }

  // Of all established connections, or of those of one name, the one that has been silent for longest.
  Connection* longest_silent(const std::string* name) const {
    Connection* found = nullptr;
    for (const auto& [id, connection] : connections)
      if (connection->ended().empty() && connection->established() &&
          (!name || connection->peer().name == *name) &&
          (!found || connection->last_life() < found->last_life()))
        found = connection.get();
    return found;
  }
  Connection* silent_one(Time now) const {
    Connection* const found = longest_silent(nullptr);
    return found && now - found->last_life() >= kReplaceableSilence ? found : nullptr;
  }

  std::size_t count_of(const std::string& name) const {
    return static_cast<std::size_t>(std::count_if(connections.begin(), connections.end(), [&](const auto& c) {
      return c.second->ended().empty() && c.second->established() && c.second->peer().name == name;
    }));
  }

  // For one more established connection. What is closed for it goes with the next settle. A vehicle that lost
  // its link opens a new connection while the old one still waits for its timeout: a name's own connections
  // give way first, so that no certificate takes more places than its share.
  bool make_room(const Connection& newcomer, bool proven, Time now) {
    const std::string& name = newcomer.peer().name;
    Connection* gives_way = nullptr;
    if (!name.empty() && count_of(name) >= config.settings.max_connections_a_name) {
      gives_way = longest_silent(&name);
      if (!proven && now - gives_way->last_life() < kOwnSilence) return false;
    } else if (count(true) >= config.settings.max_connections) {
      gives_way = proven ? silent_one(now) : nullptr;
      if (!gives_way) return false;
    }
    if (gives_way) gives_way->close("replaced by a new connection", now, socket);
    return true;
  }

  // Before all others one whose address may be forged; else of the host that has most, so that one host shuts
  // nobody else out; the oldest of those.
  void drop_half_open(Time now) {
    const auto half_open = [](const auto& c) {
      return c.second->ended().empty() && !c.second->established();
    };
    const auto weight = [&](const Connection& one) {
      if (!one.address_validated()) return std::numeric_limits<std::ptrdiff_t>::max();
      return std::count_if(connections.begin(), connections.end(), [&](const auto& c) {
        return half_open(c) && c.second->remote().same_host(one.remote());
      });
    };
    Connection* victim = nullptr;
    std::ptrdiff_t heaviest = 0;
    for (const auto& entry : connections) {
      if (!half_open(entry)) continue;
      const std::ptrdiff_t its = weight(*entry.second);
      if (!victim || its > heaviest || (its == heaviest && entry.first < victim->id())) {
        victim = entry.second.get();
        heaviest = its;
      }
    }
    if (victim) victim->abandon("too many handshakes at a time");
    settle(now);
  }

  void settle(Time now) {
    for (auto at = connections.begin(); at != connections.end();) {
      if (at->second->ended().empty()) {
        ++at;
        continue;
      }
      const std::unique_ptr<Connection> gone = std::move(at->second);
      at = connections.erase(at);
      std::erase_if(by_cid, [&](const auto& entry) { return entry.second == gone.get(); });
      gone->send_farewell(socket, now);
      if (gone->refused()) tell_refusal(*gone, now);
      if (gone->established()) handler.on_disconnected(gone->id(), gone->ended(), now);
    }
  }

  void tell_refusal(const Connection& refused, Time now) {
    std::string who = refused.remote().text();
    if (!refused.peer().name.empty()) who += " (" + refused.peer().name + ")";
    if (const auto more = notices.take(now))
      handler.on_notice(
          "refused " + who + ": " + refused.ended() +
              (*more == 0 ? "" : "; and " + std::to_string(*more) + " others since the last line"),
          now);
  }

  // Vehicles may be declared lost at any time: those that are connected go, too.
  void refresh_revoked(Time now) {
    const bool changed = revoked.refresh(now);
    if (const std::string trouble = revoked.take_trouble(); !trouble.empty()) handler.on_notice(trouble, now);
    if (!changed) return;
    for (const auto& [id, connection] : connections)
      if (connection->established() && revoked.contains(connection->peer().serial))
        connection->close("its certificate was revoked", now, socket);
  }

  const Connection* find(ConnectionId id) const {
    const auto found = connections.find(id);
    return found == connections.end() ? nullptr : found->second.get();
  }
};

QuicServer::QuicServer(QuicServerConfig config, QuicHandler& handler)
    : state_(std::make_unique<State>(std::move(config), handler)) {}

QuicServer::~QuicServer() = default;

int QuicServer::fd() const { return state_->socket.fd(); }
std::uint16_t QuicServer::port() const { return state_->socket.local().port(); }
std::string QuicServer::peer_name(ConnectionId connection) const {
  const Connection* found = state_->find(connection);
  return found ? found->peer().name : std::string();
}
std::string QuicServer::peer_address(ConnectionId connection) const {
  const Connection* found = state_->find(connection);
  return found ? found->peer_address() : std::string();
}

std::size_t QuicServer::connections() const { return state_->connections.size(); }

Time QuicServer::next_deadline() const {
  Time earliest = Time::max();
  for (const auto& [id, connection] : state_->connections)
    earliest = std::min(earliest, connection->next_deadline());
  return earliest;
}

void QuicServer::on_readable(Time now) {
  state_->refresh_revoked(now);  // before anybody is let in
  state_->socket.receive(kPacketsPerRead,
                         [&](const SocketAddress& from, auto packet) { state_->receive(from, packet, now); });
  state_->settle(now);
  write(now);
}

void QuicServer::on_timer(Time now) {
  state_->refresh_revoked(now);
  for (const auto& [id, connection] : state_->connections) connection->on_timer(now);
  state_->settle(now);
  write(now);
}

void QuicServer::write(Time now) {
  for (const auto& [id, connection] : state_->connections)
    if (connection->has_news()) connection->write(state_->socket, now);
  state_->settle(now);
}

bool QuicServer::send(ConnectionId connection, StreamId stream, Chunk chunk, bool last) {
  const auto found = state_->connections.find(connection);
  return found != state_->connections.end() && found->second->send(stream, std::move(chunk), last);
}

std::uint64_t QuicServer::unsent_bytes(ConnectionId connection, StreamId stream) const {
  const Connection* found = state_->find(connection);
  return found ? found->unsent_bytes(stream) : 0;
}

std::uint64_t QuicServer::unacknowledged_bytes(ConnectionId connection, StreamId stream) const {
  const Connection* found = state_->find(connection);
  return found ? found->unacknowledged_bytes(stream) : 0;
}

QuicInfo QuicServer::info(ConnectionId connection) const {
  const Connection* found = state_->find(connection);
  return found ? found->info() : QuicInfo{};
}

void QuicServer::close(Time now) {
  for (const auto& [id, connection] : state_->connections)
    connection->close("the server was stopped", now, state_->socket);
  state_->settle(now);
}

}  // namespace turbo
