// Both kinds of stream, and what is told of them.

#include <random>

#include "transport/quic/endpoints_fixture_test.h"

namespace turbo::quic_test {
namespace {

TEST_F(Endpoints, CarryTwoMegabytesBothWays) {
  auto server = serve();
  QuicClient client(to(server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  EXPECT_FALSE(client.open_stream().has_value());
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  const Chunk up = pattern(2'000'000, 1), side = pattern(300'000, 2), down = pattern(2'000'000, 3);
  const StreamId frame = client.open_stream().value();
  EXPECT_TRUE(is_unidirectional(frame));
  ASSERT_TRUE(client.send(frame, up, true));
  ASSERT_TRUE(client.send(0, pattern(1, 4)));
  ASSERT_TRUE(client.send(4, side));
  client.write(now());
  ASSERT_TRUE(run_until(
      parts, [&] { return client.unacknowledged_bytes(frame) == 0 && client.unacknowledged_bytes(4) == 0; }));
  const ConnectionId peer = cloud.connected.at(0);
  EXPECT_TRUE(same(cloud.received[{peer, frame}], up));
  EXPECT_TRUE(same(cloud.received[{peer, 4}], side));
  EXPECT_TRUE(cloud.ended.contains({peer, frame}));
  EXPECT_FALSE(cloud.ended.contains({peer, 4}));
  EXPECT_EQ(vehicle.sent[frame], 2'000'000u);
  EXPECT_EQ(client.unsent_bytes(frame), 0u);
  EXPECT_EQ(up.use_count(), 1) << "acknowledged data is let go of";
  ASSERT_TRUE(server->send(peer, 0, down));
  server->write(now());
  ASSERT_TRUE(run_until(parts, [&] {
    return vehicle.received[{client.connection(), 0}].size() == 2'000'000;
  }));
  EXPECT_TRUE(same(vehicle.received[{client.connection(), 0}], down));
  const QuicInfo info = client.info();
  EXPECT_GT(info.smoothed_rtt, 0ns);
  EXPECT_LE(info.min_rtt, info.smoothed_rtt * 2);
  EXPECT_GT(info.congestion_window_bytes, 0u);
}

TEST_F(Endpoints, TellWhatIsInFlightAndWhatLeftIt) {
  auto server = serve();
  Relay relay(server->port());
  QuicClient client(to(relay.port()), vehicle, now());
  std::vector<Part> parts = relay.parts();
  parts.push_back(part_of(*server));
  parts.push_back(part_of(client));
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  std::mt19937 random(3);
  std::size_t lost_packets = 0;
  relay.loses = [&](const Bytes& packet, bool from_client) {
    const bool lost = from_client && packet.size() > 1'000 && random() % 20 == 0;
    lost_packets += lost;
    return lost;
  };
  const StreamId frame = client.open_stream().value();
  client.send(frame, pattern(3'000'000, 1), true);
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return client.unacknowledged_bytes(frame) == 0; }));
  ASSERT_TRUE(run_until(parts, [&] { return client.info().bytes_in_flight == 0; }));
  ASSERT_GT(lost_packets, 10u);
  EXPECT_EQ(vehicle.flight.sent_bytes, vehicle.flight.acknowledged_bytes + vehicle.flight.lost_bytes);
  EXPECT_GE(vehicle.flight.acknowledged_bytes, 3'000'000u);
  EXPECT_LE(vehicle.flight.acknowledged_bytes, 3'300'000u);
  EXPECT_GE(vehicle.flight.lost_bytes, lost_packets * 1'000);
}

TEST_F(Endpoints, AStreamThatIsGivenUpIsResetAndMakesRoomForTheNext) {
  auto server = serve();
  QuicClient client(to(server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  const Chunk message = pattern(1'000'000, 1);
  std::size_t begun = 0;
  for (int i = 0; i < 300; ++i) {  // several times as many as may be open at a time
    std::optional<StreamId> stream;
    ASSERT_TRUE(run_until(parts, [&] { return (stream = client.open_stream()).has_value(); })) << i;
    client.send(*stream, message, true);
    client.write(now());
    const std::uint64_t unsent = client.unsent_bytes(*stream);
    ASSERT_GT(unsent, 0u);
    begun += unsent < message->size();
    client.reset(*stream);
    EXPECT_EQ(client.unsent_bytes(*stream), 0u);
  }
  EXPECT_TRUE(cloud.ended.empty());
  std::optional<StreamId> opened;
  ASSERT_TRUE(run_until(parts, [&] { return (opened = client.open_stream()).has_value(); }));
  const StreamId last = *opened;
  client.send(last, message, true);
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return cloud.ended.contains({cloud.connected[0], last}); }));
  EXPECT_TRUE(same(cloud.received[{cloud.connected[0], last}], message));
  ASSERT_TRUE(run_until(parts, [&] { return cloud.reset.size() == begun; }));
  ASSERT_TRUE(run_until(parts, [&] { return message.use_count() == 1; }))
      << "nothing holds what was given up";
  EXPECT_TRUE(vehicle.lost.empty());
}

TEST_F(Endpoints, AStreamThatIsGivenUpUnsentIsTakenForTheNextFrame) {
  auto server = serve();
  QuicClient client(to(server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  const auto first = client.open_stream();
  ASSERT_TRUE(first);
  for (int i = 0; i < 300; ++i) {
    client.send(*first, pattern(1'000, 1), true);
    client.reset(*first);
    ASSERT_EQ(client.open_stream(), first) << i;
  }
  const Chunk message = pattern(5'000, 2);
  client.send(*first, message, true);
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return cloud.ended.contains({cloud.connected[0], *first}); }));
  EXPECT_TRUE(same(cloud.received[{cloud.connected[0], *first}], message));
  EXPECT_TRUE(cloud.reset.empty());
}

TEST_F(Endpoints, AResetThatOvertakesAllItsDataMakesRoomForTheNext) {
  auto server = serve();
  Relay relay(server->port());
  QuicClient client(to(relay.port()), vehicle, now());
  const auto parts = with(relay, *server, client);
  ASSERT_TRUE(run_until(parts, [&] { return client.confirmed(); }));
  int overtaken = 0;
  for (int i = 0; i < 150; ++i) {
    std::optional<StreamId> stream;
    ASSERT_TRUE(run_until(parts, [&] { return (stream = client.open_stream()).has_value(); })) << i;
    client.send(*stream, pattern(100, 1));
    relay.loses = [](const Bytes&, bool from_client) { return from_client; };
    client.write(now());
    const std::uint64_t sent = vehicle.sent[*stream];
    relay.drain();  // what was sent by now is lost
    relay.loses = nullptr;
    client.reset(*stream);
    client.write(now());
    if (sent == 0) continue;
    ++overtaken;
    ASSERT_TRUE(run_until(parts, [&] { return cloud.reset.contains({cloud.connected[0], *stream}); })) << i;
  }
  EXPECT_TRUE(vehicle.lost.empty()) << vehicle.lost[0];
  EXPECT_GT(overtaken, 100);
}

TEST_F(Endpoints, NoMoreStreamsAreOpenedThanTheServerTakes) {
  auto server = serve();
  QuicClient client(to(server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  std::size_t opened = 0;
  while (client.open_stream()) ++opened;
  EXPECT_EQ(opened, quick().max_streams);
  EXPECT_FALSE(client.can_open_stream());
  client.reset(2);  // of which nothing was sent
  EXPECT_TRUE(client.can_open_stream());
  EXPECT_EQ(client.open_stream(), 2);
}

TEST_F(Endpoints, AFrameWaitsForItsTurn) {
  auto server = serve();
  QuicClient client(to(server->port()), vehicle, now());
  const std::vector<Part> parts{part_of(*server), part_of(client)};
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0; }));
  vehicle.allowance = 10'000;
  const StreamId frame = client.open_stream().value();
  client.send(frame, pattern(50'000, 1), true);
  client.write(now());
  const Time later = now() + 200ms;
  ASSERT_TRUE(run_until(parts, [&] { return now() > later; }));
  EXPECT_LE(vehicle.sent[frame], 10'000u);
  EXPECT_GT(vehicle.sent[frame], 8'000u);
  EXPECT_EQ(client.unsent_bytes(frame), 50'000 - vehicle.sent[frame]);
  vehicle.allowance = 1'000'000;
  client.write(now());
  ASSERT_TRUE(run_until(parts, [&] { return client.unacknowledged_bytes(frame) == 0; }));
}

}  // namespace
}  // namespace turbo::quic_test
