#pragma once
// Two ends in one process, over real sockets of the loopback device, driven by one poll loop.

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "transport/quic/quic_client.h"
#include "transport/quic/quic_server.h"
#include "transport/quic/test_certificates.h"
#include "transport/quic/udp_socket.h"

namespace turbo::quic_test {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

inline Time now() { return std::chrono::steady_clock::now(); }

inline Chunk pattern(std::size_t size, std::uint32_t seed) {
  auto bytes = std::make_shared<Bytes>(size);
  for (auto& byte : *bytes) byte = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
  return bytes;
}

inline bool same(const Bytes& a, const Chunk& b) { return a == *b; }

// What an endpoint said.
struct Record : QuicHandler {
  std::vector<ConnectionId> connected, confirmed, path_changed;
  std::vector<std::string> lost, notices;
  std::map<std::pair<ConnectionId, StreamId>, Bytes> received;
  std::set<std::pair<ConnectionId, StreamId>> ended, reset;
  std::map<StreamId, std::uint64_t> sent;  // of one-way streams
  Flight flight;
  std::uint64_t allowance = std::numeric_limits<std::uint64_t>::max();
  std::string breach;
  std::function<void(ConnectionId, StreamId)> on_data;

  std::function<void()> on_connection;

  void on_connected(ConnectionId id, Time) override {
    if (on_connection) on_connection();
    connected.push_back(id);
  }
  void on_confirmed(ConnectionId id, Time) override { confirmed.push_back(id); }
  void on_path_changed(ConnectionId id, Time) override { path_changed.push_back(id); }
  void on_disconnected(ConnectionId, std::string_view reason, Time) override { lost.emplace_back(reason); }
  void on_notice(std::string_view text, Time) override { notices.emplace_back(text); }
  std::string on_stream_data(ConnectionId id, StreamId stream, std::span<const std::uint8_t> data, bool end,
                             Time) override {
    auto& all = received[{id, stream}];
    all.insert(all.end(), data.begin(), data.end());
    if (end) ended.insert({id, stream});
    if (on_data) on_data(id, stream);
    return breach;
  }
  void on_stream_reset(ConnectionId id, StreamId stream, Time) override { reset.insert({id, stream}); }
  std::optional<StreamTurn> next_turn(ConnectionId, Time) override {
    if (allowance < 1'000) return std::nullopt;
    return StreamTurn{kOldestStream, allowance};
  }
  void on_flight(ConnectionId, const Flight& more, Time) override {
    flight.sent_bytes += more.sent_bytes;
    flight.acknowledged_bytes += more.acknowledged_bytes;
    flight.lost_bytes += more.lost_bytes;
  }
  void on_sent(ConnectionId, StreamId stream, std::uint64_t bytes, Time) override {
    sent[stream] += bytes;
    if (allowance != std::numeric_limits<std::uint64_t>::max()) allowance -= bytes;
  }
};

// Everything that takes part in a test: a descriptor, a deadline and what to do.
struct Part {
  std::function<int()> fd;
  std::function<Time()> deadline;
  std::function<void()> on_readable, on_timer;
};

template <typename Endpoint>
Part part_of(Endpoint& end) {
  return {[&] { return end.fd(); }, [&] { return end.next_deadline(); }, [&] { end.on_readable(now()); },
          [&] { end.on_timer(now()); }};
}

// Runs until `done`, at most 30 s of real time. False: it did not come to it.
inline bool run_until(const std::vector<Part>& parts, const std::function<bool()>& done) {
  const Time give_up = now() + 30s;
  while (!done()) {
    if (now() > give_up) return false;
    Time next = give_up;
    std::vector<pollfd> watched;
    for (const Part& part : parts) {
      watched.push_back({part.fd(), POLLIN, 0});
      next = std::min(next, part.deadline());
    }
    const auto wait = std::max(Duration::zero(), std::min<Duration>(next - now(), 50ms));
    const timespec spec{0, wait.count()};
    ppoll(watched.data(), watched.size(), &spec, nullptr);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (watched[i].revents != 0) parts[i].on_readable();
      if (parts[i].deadline() <= now()) parts[i].on_timer();
    }
  }
  return true;
}

// Stands between a client and a server, and can lose, damage and invent packets.
class Relay {
 public:
  explicit Relay(std::uint16_t server_port) : server_(resolve("127.0.0.1", server_port).front()) {
    front_.bind_to(resolve("127.0.0.1", 0).front());
    back_.bind_to(resolve("127.0.0.1", 0).front());
  }
  std::uint16_t port() const { return front_.local().port(); }
  bool open = true;
  bool mute_server = false;  // what the server says is lost
  std::function<void(Bytes&)> damage;
  std::function<bool(const Bytes&, bool from_client)> loses;

  bool from_client() const { return from_client_; }  // what damage looks at
  std::uint16_t client_port() const { return client_.port(); }
  // As a NAT that forgot: the server sees another address from now on.
  void rebind() { back_.bind_to(resolve("127.0.0.3", 0).front()); }
  void to_client(std::span<const std::uint8_t> packet) { front_.send(&client_, packet, packet.size()); }
  void to_server(std::span<const std::uint8_t> packet) { back_.send(&server_, packet, packet.size()); }

  // Takes what has arrived from the client.
  void drain() { forward(true); }

  std::vector<Part> parts() {
    const auto never = [] { return Time::max(); };
    return {{[this] { return front_.fd(); }, never, [this] { forward(true); }, [] {}},
            {[this] { return back_.fd(); }, never, [this] { forward(false); }, [] {}}};
  }

 private:
  void forward(bool from_client) {
    (from_client ? front_ : back_)
        .receive(256, [&](const SocketAddress& from, std::span<const std::uint8_t> packet) {
          if (from_client) client_ = from;
          if (!open || (mute_server && !from_client)) return;
          from_client_ = from_client;
          Bytes copy(packet.begin(), packet.end());
          if (loses && loses(copy, from_client)) return;
          if (damage) damage(copy);
          from_client ? to_server(copy) : to_client(copy);
        });
  }

  SocketAddress server_, client_;
  bool from_client_ = false;
  UdpSocket front_, back_;
};

template <typename... Ends>
std::vector<Part> with(Relay& relay, Ends&... ends) {
  std::vector<Part> parts = relay.parts();
  (parts.push_back(part_of(ends)), ...);
  return parts;
}

class Endpoints : public ::testing::Test {
 protected:
  static const TestCertificates& certificates(const std::string& name) {
    static std::map<std::string, TestCertificates> made;
    return made[name];
  }

  QuicSettings quick() const {
    QuicSettings settings;
    settings.keep_alive = 100ms;
    settings.backoff_min = 20ms;
    settings.backoff_max = 200ms;
    return settings;
  }
  std::unique_ptr<QuicServer> serve(std::uint16_t port = 0, const std::string& host = "127.0.0.1") {
    return std::make_unique<QuicServer>(
        QuicServerConfig{host, port, certificates("ours").certificate(), certificates("ours").key(), quick()},
        cloud);
  }
  QuicClientConfig to(std::uint16_t port, std::uint32_t streams = 2) const {
    return {"127.0.0.1", port, "", certificates("ours").ca(), streams, quick()};
  }

  Record cloud, vehicle;
};

}  // namespace turbo::quic_test
