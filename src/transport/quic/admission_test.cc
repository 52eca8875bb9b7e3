// Who gets into the server: floods of forged first packets, and the bound on connections.

#include "transport/quic/endpoints_fixture_test.h"

namespace turbo::quic_test {
namespace {

class Admission : public Endpoints {
 protected:
  std::unique_ptr<QuicServer> serve_few(std::uint32_t max_connections, std::uint32_t max_half_open = 64) {
    QuicSettings settings = quick();
    settings.max_connections = max_connections;
    settings.max_half_open = max_half_open;
    return std::make_unique<QuicServer>(QuicServerConfig{"127.0.0.1", 0, certificates("ours").certificate(),
                                                         certificates("ours").key(), settings},
                                        cloud);
  }
};

// Sends true first packets of many clients again and again, and never goes on: as somebody would who forges
// addresses.
class Flood {
 public:
  Flood(const QuicClientConfig& like, std::uint16_t port, std::size_t size, Duration period)
      : server_(resolve("127.0.0.1", port).front()), period_(period) {
    UdpSocket trap;
    trap.bind_to(resolve("127.0.0.1", 0).front());
    const Part ear{[&] { return trap.fd(); }, [] { return Time::max(); },
                   [&] {
                     trap.receive(256, [&](const SocketAddress&, auto packet) {
                       if (caught_.size() < size && packet.size() >= 1'200)
                         caught_.emplace_back(packet.begin(), packet.end());
                     });
                   },
                   [] {}};
    QuicClientConfig config = like;
    config.port = trap.local().port();
    while (caught_.size() < size) {
      Record nobody;
      QuicClient client(config, nobody, now());
      const std::size_t before = caught_.size();
      if (!run_until({ear, part_of(client)}, [&] { return caught_.size() > before; })) break;
    }
    socket_.bind_to(resolve("127.0.0.1", 0).front());
  }
  std::size_t size() const { return caught_.size(); }
  void pour() {
    for (const Bytes& packet : caught_) socket_.send(&server_, packet, packet.size());
    next_ = now() + period_;
  }
  Part part() {
    return {[this] { return socket_.fd(); }, [this] { return next_; },
            [this] { socket_.receive(256, [](const SocketAddress&, auto) {}); }, [this] { pour(); }};
  }

 private:
  SocketAddress server_;
  Duration period_;
  Time next_{};
  std::vector<Bytes> caught_;
  UdpSocket socket_;
};

TEST_F(Admission, AFloodOfForgedFirstPacketsShutsNobodyOut) {
  auto server = serve_few(8);
  Flood flood(to(1), server->port(), 40, 100ms);
  ASSERT_EQ(flood.size(), 40u);
  std::vector<Part> parts{part_of(*server), flood.part()};
  flood.pour();
  ASSERT_TRUE(run_until(parts, [&] { return server->connections() > 0; }));
  for (int life = 0; life < 5; ++life) {
    Record record;
    QuicClient honest(to(server->port()), record, now());
    parts.resize(2);
    parts.push_back(part_of(honest));
    ASSERT_TRUE(run_until(parts, [&] { return honest.connection() != 0; }))
        << ::testing::PrintToString(record.lost);
    EXPECT_TRUE(record.lost.empty()) << "at the first attempt: " << record.lost[0];
    EXPECT_LE(server->connections(), 10u);
    honest.close(now());
  }
}

TEST_F(Admission, AClientThatShowedItsAddressTakesThePlaceOfOneThatDidNot) {
  auto server = serve_few(8, 2);
  Flood flood(to(1), server->port(), 9, 100ms);
  std::vector<Part> parts{part_of(*server), flood.part()};
  flood.pour();
  ASSERT_TRUE(run_until(parts, [&] { return server->connections() == 2; }));
  QuicClient honest(to(server->port()), vehicle, now());
  parts.push_back(part_of(honest));
  ASSERT_TRUE(run_until(parts, [&] { return honest.connection() != 0; }));
  EXPECT_TRUE(vehicle.lost.empty());
  EXPECT_TRUE(cloud.lost.empty()) << "the owner never hears of those that were half open";
}

TEST_F(Admission, OnlyEstablishedConnectionsCountAgainstTheBound) {
  auto server = serve_few(1);
  Flood flood(to(1), server->port(), 2, 100ms);
  std::vector<Part> parts{part_of(*server), flood.part()};
  flood.pour();
  ASSERT_TRUE(run_until(parts, [&] { return server->connections() == 2; }));
  Record second;
  QuicClient a(to(server->port()), vehicle, now()), b(to(server->port()), second, now());
  parts.push_back(part_of(a));
  parts.push_back(part_of(b));
  ASSERT_TRUE(run_until(parts, [&] {
    return (a.connection() != 0 && second.lost.size() > 1) ||
           (b.connection() != 0 && vehicle.lost.size() > 1);
  }));
  EXPECT_EQ(cloud.connected.size(), 1u);
  const bool first = a.connection() != 0;
  (first ? a : b).close(now());
  ASSERT_TRUE(run_until(parts, [&] { return (first ? b : a).connection() != 0; }));
}

}  // namespace
}  // namespace turbo::quic_test
