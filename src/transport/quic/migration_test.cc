// Going on from another address, and holding on to a link that loses or stops.

#include <random>

#include "transport/quic/endpoints_fixture_test.h"
#include "transport/quic/route_watch.h"

namespace turbo::quic_test {
namespace {

Address numeric(const std::string& host) {
  const SocketAddress found = resolve(host, 0).front();
  return {found.storage, found.size_bytes};
}

class Migration : public Endpoints {
 protected:
  // A client whose address of its own is what the test says.
  QuicClientConfig moving(std::uint16_t port) {
    QuicClientConfig config = to(port);
    config.settings.network_look = 5ms;
    config.local_address = [this](const Address&) -> std::optional<Address> {
      if (own_address.empty()) return std::nullopt;
      return numeric(own_address);
    };
    return config;
  }
  std::string own_address = "127.0.0.1";
};

TEST_F(Migration, AChangeOfAddressIsNoNewConnection) {
  auto server = serve();
  QuicClient client(moving(server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }));
  const Chunk up = pattern(20'000'000, 1), down = pattern(500'000, 2);
  const int descriptor = client.fd();
  const ConnectionId here = client.connection();
  client.send(0, up);
  client.write(now());
  const auto heard = [&] { return cloud.received[{cloud.connected.back(), 0}].size(); };
  ASSERT_TRUE(run_until(parts, [&] { return heard() > 0; }));
  own_address = "127.0.0.2";
  ASSERT_TRUE(run_until(parts, [&] { return vehicle.path_changed.size() == 1; }));
  EXPECT_LT(heard(), up->size()) << "in the middle of it";
  ASSERT_TRUE(run_until(parts, [&] { return heard() == up->size(); }));
  EXPECT_TRUE(same(cloud.received[{cloud.connected.back(), 0}], up));
  server->send(cloud.connected.back(), 0, down);
  server->write(now());
  ASSERT_TRUE(run_until(parts, [&] { return vehicle.received[{here, 0}].size() == down->size(); }));
  EXPECT_TRUE(same(vehicle.received[{here, 0}], down)) << "answers go to the new address";
  EXPECT_EQ(client.connection(), here);
  EXPECT_EQ(client.fd(), descriptor) << "whoever watches it need not know";
  EXPECT_EQ(cloud.connected.size(), 1u);
  EXPECT_TRUE(vehicle.lost.empty());
}

TEST_F(Migration, ManyChangesInARow) {
  auto server = serve();
  QuicClient client(moving(server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }));
  for (std::size_t change = 1; change <= 12; ++change) {
    own_address = "127.0.0." + std::to_string(change % 2 == 1 ? 2 : 1);
    ASSERT_TRUE(run_until(parts, [&] { return vehicle.path_changed.size() == change; })) << change;
    client.send(0, pattern(20'000, 1));
    client.write(now());
    ASSERT_TRUE(run_until(parts, [&] { return client.unacknowledged_bytes(0) == 0; })) << change;
  }
  EXPECT_EQ(cloud.connected.size(), 1u);
  EXPECT_TRUE(vehicle.lost.empty());
}

TEST_F(Migration, WithoutAHandshakeItConnectsAnew) {
  auto server = serve();
  Relay relay(server->port());
  relay.open = false;
  QuicClient client(moving(relay.port()), vehicle, now());
  const auto parts = with(relay, *server, client);
  ASSERT_TRUE(run_until(parts, [&] { return relay.client_port() != 0; }));
  own_address = "127.0.0.2";
  ASSERT_TRUE(run_until(parts, [&] { return !vehicle.lost.empty(); }));
  EXPECT_EQ(vehicle.lost[0], "this machine's address has changed");
  relay.open = true;
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }));
  EXPECT_TRUE(vehicle.path_changed.empty());
}

TEST_F(Migration, WithoutAnyNetworkItWaitsForOne) {
  auto server = serve();
  own_address.clear();
  QuicClient client(moving(server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(run_until(parts, [&] { return vehicle.lost.size() >= 2; }));
  EXPECT_NE(vehicle.lost[0].find("no way to 127.0.0.1"), std::string::npos) << vehicle.lost[0];
  own_address = "127.0.0.1";
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }));
  own_address.clear();  // for a moment: the connection stays
  const Time later = now() + 50ms;
  ASSERT_TRUE(run_until(parts, [&] { return now() > later; }));
  own_address = "127.0.0.2";
  ASSERT_TRUE(run_until(parts, [&] { return vehicle.path_changed.size() == 1; }));
  EXPECT_EQ(vehicle.connected.size(), 1u);
}

TEST_F(Migration, AFreshLocalPortKeepsTheConnection) {
  auto server = serve();
  Relay relay(server->port());
  QuicClient client(to(relay.port()), vehicle, now());
  const auto parts = with(relay, *server, client);
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }));
  const std::uint16_t before = relay.client_port();
  client.rebind(now());
  client.send(0, pattern(100'000, 1));
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return cloud.received[{cloud.connected[0], 0}].size() == 100'000; }));
  EXPECT_NE(relay.client_port(), before);
  EXPECT_EQ(vehicle.path_changed.size(), 1u);
  EXPECT_EQ(vehicle.connected.size(), 1u);
}

TEST_F(Migration, ANatThatForgetsIsNoTrouble) {
  auto server = serve();
  Relay relay(server->port());
  QuicClient client(to(relay.port()), vehicle, now());
  const auto parts = with(relay, *server, client);
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }));
  const Chunk up = pattern(1'000'000, 1), down = pattern(300'000, 2);
  client.send(0, up);
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return !cloud.received.empty(); }));
  relay.rebind();
  ASSERT_TRUE(run_until(parts, [&] { return cloud.received[{cloud.connected[0], 0}].size() == up->size(); }));
  EXPECT_TRUE(same(cloud.received[{cloud.connected[0], 0}], up));
  server->send(cloud.connected[0], 0, down);
  server->write(now());
  ASSERT_TRUE(run_until(parts, [&] {
    return vehicle.received[{client.connection(), 0}].size() == down->size();
  }));
  EXPECT_EQ(vehicle.connected.size(), 1u);
  EXPECT_TRUE(vehicle.path_changed.empty()) << "the client does not know of it";
}

TEST_F(Migration, AHandshakeGetsThroughWhereEveryFifthPacketIsLost) {
  auto server = serve();
  for (unsigned seed = 1; seed <= 8; ++seed) {
    Relay relay(server->port());
    std::mt19937 random(seed);
    relay.loses = [&](const Bytes&, bool) { return random() % 5 == 0; };
    Record record;
    QuicClient client(to(relay.port()), record, now());
    const auto parts = with(relay, *server, client);
    ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); })) << seed;
    const Chunk data = pattern(30'000, seed);
    client.send(0, data);
    client.write(now());
    ASSERT_TRUE(run_until(parts, [&] { return client.unacknowledged_bytes(0) == 0; })) << seed;
    client.close(now());
  }
}

TEST_F(Migration, AttemptsKeepComingWhileTheServerIsOutOfReach) {
  auto server = serve();
  Relay relay(server->port());
  QuicClientConfig config = to(relay.port());
  config.settings.silence_timeout = 300ms;
  QuicClient client(config, vehicle, now());
  const auto parts = with(relay, *server, client);
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }));
  relay.open = false;
  ASSERT_TRUE(run_until(parts, [&] { return vehicle.lost.size() == 3; }));
  EXPECT_EQ(vehicle.lost[0], "the server is silent");
  EXPECT_EQ(vehicle.lost[1], "no handshake in time");
  relay.open = true;
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }));
  EXPECT_LE(vehicle.lost.size(), 4u) << "the attempt under way or the next gets through";
}

TEST(RouteWatch, TheKernelSaysFromWhereItWouldSend) {
  RouteWatch routes;
  const SocketAddress server = resolve("127.0.0.1", 4433).front();
  for (int again = 0; again < 2; ++again) {
    const auto local = routes.local_for(server);
    ASSERT_TRUE(local);
    EXPECT_TRUE(local->same_host(server)) << local->text();
    EXPECT_EQ(local->port(), 0);
  }
  EXPECT_FALSE(resolve("127.0.0.2", 0).front().same_host(server));
  EXPECT_FALSE(resolve("::1", 0).front().same_host(server));
}

}  // namespace
}  // namespace turbo::quic_test
