// Coming back: sessions that are resumed, requests in the first flight, and what a recorded one is good for.

#include "transport/quic/endpoints_fixture_test.h"
#include "transport/quic/server_tickets.h"

namespace turbo::quic_test {
namespace {

using testing::HasSubstr;

class Resumption : public Endpoints {
 protected:
  static const TestCertificates& ours() {
    static const TestCertificates made;
    return made;
  }
  std::unique_ptr<QuicServer> serve_fleet(std::uint16_t port = 0) {
    QuicServerConfig config{"127.0.0.1", port, ours().certificate(), ours().key(), quick()};
    config.client_ca_file = ours().ca();
    config.revoked_file = ours().revoked();
    return std::make_unique<QuicServer>(config, cloud);
  }
  QuicClientConfig as(const std::string& name, std::uint16_t port) const {
    QuicClientConfig config{"127.0.0.1", port, "", ours().ca(), 2, quick()};
    config.certificate_file = ours().folder() + "/" + name + ".pem";
    config.key_file = ours().folder() + "/" + name + ".key";
    return config;
  }
  // So that the client has a ticket, and comes again.
  bool come_and_be_closed(const std::vector<Part>& parts, QuicServer& server, QuicClient& client) {
    if (!run_until(parts, [&] { return client.confirmed() && !cloud.connected.empty(); })) return false;
    // What comes after the ticket has arrived shows that it has, too.
    const ConnectionId here = cloud.connected.back();
    client.send(0, greeting);
    client.write(now());
    if (!run_until(parts, [&] { return cloud.received[{here, 0}].size() >= 50; })) return false;
    server.send(here, 0, greeting);
    server.write(now());
    if (!run_until(parts, [&] { return vehicle.received[{client.connection(), 0}].size() >= 50; }))
      return false;
    const std::size_t before = vehicle.lost.size();
    server.close(now());
    cloud.connected.clear();
    return run_until(parts, [&] { return vehicle.lost.size() > before; });
  }
  // A frame as soon as there is a connection, as a vehicle has it. In the first flight, if it may.
  void send_at_once(QuicClient& client) {
    vehicle.sent.clear();
    vehicle.on_connection = [&] {
      const auto stream = client.open_stream();
      ASSERT_TRUE(stream);
      client.send(*stream, frame, true);
      client.send(bidirectional_stream(1), greeting);
    };
  }
  bool whole(ConnectionId id) {
    return same(cloud.received[{id, 2}], frame) && cloud.ended.contains({id, 2}) &&
           same(cloud.received[{id, 4}], greeting);
  }
  const Chunk frame = pattern(5'000, 1), greeting = pattern(50, 2);
};

TEST_F(Resumption, AVehicleThatComesBackIsHeardWithItsFirstFlight) {
  auto server = serve_fleet();
  Relay relay(server->port());
  QuicClient client(as("vehicle-1", relay.port()), vehicle, now());
  const std::vector<Part> parts = with(relay, *server, client);
  ASSERT_TRUE(come_and_be_closed(parts, *server, client));
  send_at_once(client);
  relay.mute_server = true;
  ASSERT_TRUE(run_until(parts, [&] { return cloud.connected.size() == 1 && whole(cloud.connected[0]); }))
      << "before the server's first word has reached the client";
  EXPECT_FALSE(client.confirmed());
  EXPECT_EQ(server->peer_name(cloud.connected[0]), "vehicle-1")
      << "known again without showing a certificate";
  EXPECT_EQ(vehicle.confirmed.size(), 1u);
  relay.mute_server = false;
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }));
  EXPECT_EQ(vehicle.connected.size(), 2u);
  EXPECT_EQ(vehicle.confirmed, vehicle.connected);
  ASSERT_TRUE(run_until(parts, [&] { return client.unacknowledged_bytes(2) == 0; }));
  EXPECT_TRUE(whole(cloud.connected[0])) << "and nothing of it twice";
}

TEST_F(Resumption, ARestartedServerHearsItOnceAndWhole) {
  auto server = serve_fleet();
  Relay relay(server->port());
  QuicClient client(as("vehicle-1", relay.port()), vehicle, now());
  ASSERT_TRUE(come_and_be_closed(with(relay, *server, client), *server, client));
  const std::uint16_t port = server->port();
  server.reset();
  server = serve_fleet(port);
  cloud.received.clear();  // the new server counts its connections anew
  vehicle.flight = {};
  send_at_once(client);
  const std::vector<Part> parts = with(relay, *server, client);
  ASSERT_TRUE(run_until(parts, [&] { return cloud.connected.size() == 1 && whole(cloud.connected[0]); }));
  EXPECT_EQ(vehicle.connected.size(), 2u) << "one attempt was enough";
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed() && client.unacknowledged_bytes(2) == 0; }));
  EXPECT_TRUE(whole(cloud.connected[0]));
  EXPECT_EQ(vehicle.sent[2], 5'000u) << "the handler is told of each byte once";
  ASSERT_TRUE(run_until(parts, [&] { return client.info().bytes_in_flight == 0; }));
  EXPECT_EQ(vehicle.flight.sent_bytes, vehicle.flight.acknowledged_bytes + vehicle.flight.lost_bytes)
      << "of all that was in flight it hears what became of it";
  EXPECT_EQ(server->peer_name(cloud.connected[0]), "vehicle-1");
  // The ticket of the new server is good again.
  ASSERT_TRUE(come_and_be_closed(parts, *server, client));
  relay.mute_server = true;
  ASSERT_TRUE(run_until(parts, [&] { return cloud.connected.size() == 1 && whole(cloud.connected[0]); }));
}

TEST_F(Resumption, AStreamThatWasGivenUpEarlyStaysGivenUp) {
  auto server = serve_fleet();
  Relay relay(server->port());
  QuicClient client(as("vehicle-1", relay.port()), vehicle, now());
  ASSERT_TRUE(come_and_be_closed(with(relay, *server, client), *server, client));
  const std::uint16_t port = server->port();
  server.reset();
  vehicle.on_connection = [&] {
    const auto stale = client.open_stream(), fresh = client.open_stream();
    ASSERT_TRUE(stale && fresh);
    client.send(*stale, frame, true);
    client.send(*fresh, frame, true);
  };
  // Its first flight goes to nobody, and while it waits the older frame is given up.
  relay.open = false;
  const auto idle = with(relay, client);
  ASSERT_TRUE(run_until(idle, [&] { return vehicle.sent[6] == 5'000; }));
  client.reset(2);
  server = serve_fleet(port);
  relay.open = true;
  ASSERT_TRUE(run_until(with(relay, *server, client), [&] {
    return !cloud.connected.empty() && cloud.ended.contains({cloud.connected.back(), 6}) &&
           client.confirmed();
  }));
  EXPECT_TRUE(same(cloud.received[{cloud.connected.back(), 6}], frame));
  EXPECT_FALSE(cloud.ended.contains({cloud.connected.back(), 2}));
}

TEST_F(Resumption, ARecordedFirstFlightIsNotHeardAgain) {
  auto server = serve_fleet();
  Relay relay(server->port());
  QuicClient client(as("vehicle-1", relay.port()), vehicle, now());
  const std::vector<Part> parts = with(relay, *server, client);
  ASSERT_TRUE(come_and_be_closed(parts, *server, client));
  send_at_once(client);
  std::vector<Bytes> recorded;
  relay.damage = [&](Bytes& packet) {
    if (relay.from_client() && !client.confirmed()) recorded.push_back(packet);
  };
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed() && client.unacknowledged_bytes(2) == 0; }));
  relay.damage = nullptr;
  ASSERT_FALSE(recorded.empty());
  client.close(now());
  ASSERT_TRUE(run_until(parts, [&] { return server->connections() == 0; }));
  const std::size_t heard = cloud.connected.size();
  cloud.received.clear();
  for (const Bytes& packet : recorded) relay.to_server(packet);
  ASSERT_TRUE(run_until(parts, [&] { return server->connections() == 1; }))
      << "it is somebody, of whom nothing is heard";
  ASSERT_TRUE(run_until(parts, [&] { return server->connections() == 0; })) << "and who never goes on";
  EXPECT_EQ(cloud.connected.size(), heard);
  EXPECT_TRUE(cloud.received.empty());
}

TEST_F(Resumption, ARevokedVehicleDoesNotComeBackOnItsTicket) {
  ours().run("vehicle sold");
  auto server = serve_fleet();
  QuicClient client(as("sold", server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(come_and_be_closed(parts, *server, client));
  send_at_once(client);
  ours().run("revoke sold");
  ASSERT_TRUE(run_until(parts, [&] { return vehicle.lost.size() >= 2 || cloud.connected.size() > 0; }));
  // The list is looked at once a second: until then it may have come back, and is put out when it is.
  ASSERT_TRUE(run_until(parts, [&] { return !cloud.notices.empty(); }));
  EXPECT_THAT(cloud.notices[0], HasSubstr("(sold): its certificate was revoked"));
  cloud.connected.clear();
  cloud.received.clear();
  cloud.notices.clear();
  ASSERT_TRUE(run_until(parts, [&] { return cloud.notices.size() >= 2; }));
  EXPECT_TRUE(cloud.connected.empty());
  EXPECT_TRUE(cloud.received.empty());
}

TEST(ServerTickets, WhatWasHeardOnceIsRefusedUntilItExpires) {
  ServerTickets tickets;
  EXPECT_TRUE(tickets.remember("a", 110, 100));
  EXPECT_FALSE(tickets.remember("a", 110, 100));
  EXPECT_FALSE(tickets.remember("a", 110, 110));
  EXPECT_TRUE(tickets.remember("b", 110, 110));
  EXPECT_TRUE(tickets.remember("a", 121, 111)) << "by then its ticket's age does not fit any more";
}

TEST(ServerTickets, ItsMemoryIsBounded) {
  ServerTickets tickets;
  for (std::size_t i = 0; i < ServerTickets::kMostRemembered; ++i)
    ASSERT_TRUE(tickets.remember(std::to_string(i), 110, 100));
  EXPECT_FALSE(tickets.remember("one more", 110, 100)) << "what cannot be remembered is not taken";
  EXPECT_TRUE(tickets.remember("later", 130, 120));
}

}  // namespace
}  // namespace turbo::quic_test
