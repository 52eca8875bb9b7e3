#include <atomic>
#include <future>
#include <random>

#include "transport/quic/endpoints_fixture_test.h"

namespace turbo::quic_test {
namespace {

TEST_F(Endpoints, WorkOverIpv6AndOnAnyAddress) {
  std::unique_ptr<QuicServer> server;
  server = serve(0, "");
  QuicClientConfig config = to(server->port());
  QuicClient four(config, vehicle, now());
  ASSERT_TRUE(run_until({part_of(*server), part_of(four)}, [&] { return four.connection() != 0; }));
  if (!std::filesystem::exists("/proc/net/if_inet6")) GTEST_SKIP() << "no IPv6 on this machine";
  config.host = "::1";
  Record other;
  QuicClient six(config, other, now());
  ASSERT_TRUE(run_until({part_of(*server), part_of(six)}, [&] { return six.connection() != 0; }));
  EXPECT_EQ(server->connections(), 2u);
}

TEST_F(Endpoints, TheClientRefusesACertificateOfAnotherAuthority) {
  auto server = serve();
  QuicClientConfig config = to(server->port());
  config.ca_file = certificates("theirs").ca();
  QuicClient client(config, vehicle, now());
  ASSERT_TRUE(run_until({part_of(*server), part_of(client)}, [&] { return vehicle.lost.size() >= 2; }));
  EXPECT_NE(vehicle.lost[0].find("certificate"), std::string::npos) << vehicle.lost[0];
  EXPECT_TRUE(vehicle.connected.empty());
  EXPECT_EQ(client.connection(), 0u);
}

TEST_F(Endpoints, TheClientRefusesACertificateForAnotherName) {
  auto server = serve();
  QuicClientConfig config = to(server->port());
  for (const char* name : {"other.example", "127.0.0.9"}) {
    config.peer_name = name;
    Record record;
    QuicClient client(config, record, now());
    ASSERT_TRUE(run_until({part_of(*server), part_of(client)}, [&] { return !record.lost.empty(); }));
    EXPECT_NE(record.lost[0].find("certificate"), std::string::npos) << record.lost[0];
    EXPECT_TRUE(record.connected.empty());
  }
  config.peer_name = "turbo-server";
  QuicClient client(config, vehicle, now());
  EXPECT_TRUE(run_until({part_of(*server), part_of(client)}, [&] { return client.connection() != 0; }));
}

TEST_F(Endpoints, TheClientFindsARestartedServerAgain) {
  auto server = serve();
  const std::uint16_t port = server->port();
  QuicClient client(to(port), vehicle, now());
  for (int life = 0; life < 3; ++life) {
    ASSERT_TRUE(run_until({part_of(*server), part_of(client)}, [&] { return client.confirmed(); })) << life;
    ASSERT_EQ(vehicle.connected.size(), static_cast<std::size_t>(life) + 1);
    server.reset();  // as killed: no farewell
    server = serve(port);
    ASSERT_TRUE(client.send(0, pattern(100'000, 1)));
    client.write(now());
    const std::size_t before = vehicle.lost.size();
    ASSERT_TRUE(run_until({part_of(*server), part_of(client)}, [&] { return vehicle.lost.size() > before; }))
        << life;
    EXPECT_NE(vehicle.lost.back().find("restarted"), std::string::npos) << vehicle.lost.back();
  }
}

TEST_F(Endpoints, TheClientWaitsForAServerThatIsNotThereYet) {
  std::uint16_t port = 0;
  {
    auto taken = serve();
    port = taken->port();
  }
  QuicClient client(to(port), vehicle, now());
  ASSERT_TRUE(run_until({part_of(client)}, [&] { return vehicle.lost.size() >= 3; }));
  EXPECT_NE(vehicle.lost[0].find("nobody listens"), std::string::npos) << vehicle.lost[0];
  auto server = serve(port);
  ASSERT_TRUE(run_until({part_of(*server), part_of(client)}, [&] { return client.connection() != 0; }));
}

TEST_F(Endpoints, AHostThatCannotBeFoundIsNoEndOfTheClient) {
  QuicClientConfig config = to(1);
  config.host = "name.invalid";
  QuicClient client(config, vehicle, now());
  ASSERT_TRUE(run_until({part_of(client)}, [&] { return vehicle.lost.size() >= 2; }));
  EXPECT_NE(vehicle.lost[0].find("name.invalid"), std::string::npos);
  EXPECT_FALSE(client.send(0, pattern(10, 1)));
}

TEST_F(Endpoints, ANameServerThatDoesNotAnswerHoldsNothingUp) {
  auto server = serve();
  QuicClientConfig config = to(server->port());
  config.host = "cloud.example";
  config.peer_name = "turbo-server";
  std::promise<void> answer;
  // Answers once when it is told to, then never again while the test runs: who waited for it would never end
  // it.
  struct NameServer {
    std::shared_future<void> answered, never;
    std::atomic<int> asked = 0;
  };
  std::promise<void> end;
  const auto names = std::make_shared<NameServer>();
  names->answered = answer.get_future().share();
  names->never = end.get_future().share();
  config.look_up = [names](const std::string&) {
    (names->asked++ == 0 ? names->answered : names->never).wait();
    const SocketAddress found = resolve("127.0.0.1", 0).front();
    return HostLookup::Result{{Address{found.storage, found.size_bytes}}, {}};
  };
  QuicClient client(config, vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(run_until(parts, [&] { return vehicle.lost.size() >= 2; }));
  EXPECT_NE(vehicle.lost[0].find("cloud.example: the name server does not answer"), std::string::npos)
      << vehicle.lost[0];
  answer.set_value();
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  server->close(now());
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() == 0; }));
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; })) << "at its last address";
  EXPECT_EQ(names->asked, 2);
  end.set_value();
}

TEST_F(Endpoints, APeerThatVanishesIsNoticedAndFoundAgain) {
  auto server = serve();
  Relay relay(server->port());
  QuicClientConfig config = to(relay.port());
  config.settings.silence_timeout = 2s;
  QuicClient client(config, vehicle, now());
  std::vector<Part> parts = relay.parts();
  parts.push_back(part_of(*server));
  parts.push_back(part_of(client));
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  const Time quiet_until = now() + 3s;  // longer than the silence that counts as death: pings keep it alive
  ASSERT_TRUE(run_until(parts, [&] { return now() > quiet_until; }));
  EXPECT_TRUE(vehicle.lost.empty()) << vehicle.lost[0];
  relay.open = false;
  ASSERT_TRUE(run_until(parts, [&] { return !vehicle.lost.empty(); }));
  EXPECT_EQ(vehicle.lost[0], "the server is silent");
  relay.open = true;
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
}

TEST_F(Endpoints, GarbageAndDamageHarmNeitherEnd) {
  auto server = serve();
  Relay relay(server->port());
  QuicClient client(to(relay.port()), vehicle, now());
  std::vector<Part> parts = relay.parts();
  parts.push_back(part_of(*server));
  parts.push_back(part_of(client));
  std::mt19937 random(7);
  relay.damage = [&](Bytes& packet) {
    // Invented packets of all kinds of first byte and size, and copies of true ones with a byte changed.
    Bytes garbage(1 + random() % 1'400);
    for (auto& byte : garbage) byte = static_cast<std::uint8_t>(random());
    relay.to_client(garbage);
    relay.to_server(garbage);
    Bytes copy = packet;
    copy[random() % copy.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
    relay.to_client(copy);
    relay.to_server(copy);
    copy.resize(1 + random() % copy.size());
    relay.to_client(copy);
    relay.to_server(copy);
    if (random() % 50 == 0) packet[random() % packet.size()] ^= 1;
  };
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }))
      << ::testing::PrintToString(vehicle.lost) << ::testing::PrintToString(cloud.lost);
  const Chunk data = pattern(500'000, 5);
  client.send(0, data);
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return client.unacknowledged_bytes(0) == 0; }));
  EXPECT_TRUE(same(cloud.received[{cloud.connected.back(), 0}], data));
  EXPECT_EQ(vehicle.connected.size(), 1u) << "the connection outlived it";
}

TEST_F(Endpoints, ABreachOfProtocolEndsTheConnectionAndThePeerHearsWhy) {
  auto server = serve();
  QuicClient client(to(server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  cloud.breach = "frame of an unknown type";
  client.send(0, pattern(100, 1));
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return !vehicle.lost.empty() && !cloud.lost.empty(); }));
  EXPECT_EQ(cloud.lost[0], "frame of an unknown type");
  EXPECT_EQ(vehicle.lost[0], "closed by the peer: frame of an unknown type");
}

TEST_F(Endpoints, AnExceptionOfTheOwnerEndsThatConnectionOnly) {
  auto server = serve();
  QuicClient client(to(server->port()), vehicle, now());
  Record other;
  QuicClient bystander(to(server->port()), other, now());
  const std::vector<Part> parts{part_of(*server), part_of(client), part_of(bystander)};
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0 && bystander.connection() != 0; }));
  cloud.on_data = [](ConnectionId, StreamId) { throw std::runtime_error("no room for this"); };
  client.send(0, pattern(100, 1));
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return !vehicle.lost.empty() && !cloud.lost.empty(); }));
  EXPECT_NE(vehicle.lost[0].find("no room for this"), std::string::npos) << vehicle.lost[0];
  EXPECT_NE(cloud.lost[0].find("no room for this"), std::string::npos) << cloud.lost[0];
  cloud.on_data = [](ConnectionId, StreamId) { throw 7; };  // not even an exception of the standard's
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  client.send(0, pattern(100, 1));
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return cloud.lost.size() == 2; }));
  cloud.on_data = nullptr;
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  client.send(0, pattern(100, 1));
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return client.unacknowledged_bytes(0) == 0; }));
  EXPECT_TRUE(other.lost.empty());
}

TEST_F(Endpoints, AnExceptionWhileAConnectionBeginsLeavesNothingBehind) {
  auto server = serve();
  int refused = 2;
  cloud.on_connection = [&] {
    if (refused-- > 0) throw std::runtime_error("not yet");
  };
  QuicClient client(to(server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(run_until(parts, [&] { return cloud.connected.size() == 1 && client.connection() != 0; }));
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_EQ(vehicle.lost.size(), 2u);
}

TEST_F(Endpoints, ManyClientsAtATimeEachGetTheirOwnAnswer) {
  auto server = serve();
  std::vector<std::unique_ptr<Record>> records;
  std::vector<std::unique_ptr<QuicClient>> clients;
  std::vector<Part> parts{part_of(*server)};
  cloud.on_data = [&](ConnectionId id, StreamId stream) {
    if (cloud.received[{id, stream}].size() < 1'000) return;
    server->send(id, stream, std::make_shared<Bytes>(cloud.received[{id, stream}]));
  };
  for (unsigned i = 0; i < 24; ++i) {  // more than the half-open ones that are taken without a Retry
    records.push_back(std::make_unique<Record>());
    clients.push_back(std::make_unique<QuicClient>(to(server->port()), *records.back(), now()));
    parts.push_back(part_of(*clients.back()));
    clients.back()->on_timer(now());
  }
  std::vector<bool> asked(clients.size());
  const auto answered = [&] {
    std::size_t count = 0;
    for (unsigned i = 0; i < clients.size(); ++i) {
      if (!asked[i] && clients[i]->send(4, pattern(1'000, i))) {
        asked[i] = true;
        clients[i]->write(now());
      }
      count += records[i]->received[{clients[i]->connection(), 4}].size() == 1'000;
    }
    return count == clients.size();
  };
  ASSERT_TRUE(run_until(parts, answered));
  for (unsigned i = 0; i < clients.size(); ++i)
    EXPECT_TRUE(same(records[i]->received[{clients[i]->connection(), 4}], pattern(1'000, i))) << i;
  server->close(now());
  ASSERT_TRUE(run_until(parts, [&] {
    return std::all_of(records.begin(), records.end(), [](const auto& r) { return !r->lost.empty(); });
  }));
  EXPECT_EQ(records[0]->lost[0], "closed by the peer: the server was stopped");
}

TEST_F(Endpoints, SetUpErrorsSayWhatWasTried) {
  const auto message = [](const std::function<void()>& action) -> std::string {
    try {
      action();
    } catch (const std::runtime_error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_NE(message([&] {
              QuicServer({"127.0.0.1", 0, "/no/server.pem", "/no/server.key", quick()}, cloud);
            }).find("/no/server.pem"),
            std::string::npos);
  QuicClientConfig config = to(1);
  config.ca_file = "/no/ca.pem";
  EXPECT_NE(message([&] { QuicClient(config, vehicle, now()); }).find("/no/ca.pem"), std::string::npos);
  auto server = serve();
  EXPECT_NE(message([&] { serve(server->port()); }).find("binding UDP address 127.0.0.1:"),
            std::string::npos);
}

}  // namespace
}  // namespace turbo::quic_test
