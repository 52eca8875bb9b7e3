// Who gets in, and what is said to whom when not.

#include "transport/quic/endpoints_fixture_test.h"

namespace turbo::quic_test {
namespace {

using testing::HasSubstr;

class MutualTls : public Endpoints {
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
  QuicClientConfig as(const std::string& name, std::uint16_t port,
                      const TestCertificates& whose = ours()) const {
    QuicClientConfig config{"127.0.0.1", port, "", ours().ca(), 2, quick()};
    if (name.empty()) return config;
    config.certificate_file = whose.folder() + "/" + name + ".pem";
    config.key_file = whose.folder() + "/" + name + ".key";
    return config;
  }
  // Neither end ever counts it as connected.
  void refuses(const QuicClientConfig& config, QuicServer& server, const std::string& reason,
               const std::string& alert) {
    Record refused;
    QuicClient client(config, refused, now());
    cloud.notices.clear();
    ASSERT_TRUE(run_until({part_of(server), part_of(client)},
                          [&] { return !refused.lost.empty() && !cloud.notices.empty(); }));
    EXPECT_THAT(cloud.notices[0], HasSubstr(reason));
    EXPECT_THAT(cloud.notices[0], HasSubstr("refused 127.0.0.1:"));
    EXPECT_THAT(refused.lost[0], HasSubstr("refused by the peer: "));
    EXPECT_THAT(refused.lost[0], HasSubstr(alert));
    EXPECT_TRUE(refused.connected.empty());
    EXPECT_TRUE(cloud.connected.empty());
  }
};

TEST_F(MutualTls, AVehicleOfTheFleetIsKnownByItsName) {
  auto server = serve_fleet();
  std::string name;
  cloud.on_connection = [&] { name = server->peer_name(1); };
  QuicClient client(as("vehicle-1", server->port()), vehicle, now());
  ASSERT_TRUE(run_until({part_of(*server), part_of(client)},
                        [&] { return client.connection() != 0 && !cloud.connected.empty(); }));
  EXPECT_EQ(name, "vehicle-1") << "already when it is said to be connected";
  EXPECT_EQ(server->peer_name(cloud.connected[0]), "vehicle-1");
  EXPECT_EQ(server->peer_name(99), "");
  EXPECT_TRUE(cloud.notices.empty());
}

TEST_F(MutualTls, ANameHasItsShareOfPlacesAndNoMore) {
  auto server = serve_fleet();
  std::vector<std::unique_ptr<Record>> records;
  std::vector<std::unique_ptr<QuicClient>> clients;
  std::vector<Part> parts{part_of(*server)};
  for (int i = 0; i < 6; ++i) {
    records.push_back(std::make_unique<Record>());
    clients.push_back(std::make_unique<QuicClient>(as("vehicle-1", server->port()), *records.back(), now()));
    parts.push_back(part_of(*clients.back()));
    const std::size_t before = cloud.connected.size();
    ASSERT_TRUE(run_until(parts, [&] { return cloud.connected.size() > before; })) << i;
    ASSERT_LE(server->connections(), 4u) << "two, and those that are just being closed or opened";
  }
  const auto replaced = [](const auto& record) {
    return !record->lost.empty() && record->lost[0].find("replaced by a new connection") != std::string::npos;
  };
  ASSERT_TRUE(run_until(parts, [&] { return std::count_if(records.begin(), records.end(), replaced) >= 4; }));
}

TEST_F(MutualTls, WithoutACertificateNobodyGetsIn) {
  auto server = serve_fleet();
  refuses(as("", server->port()), *server, "it shows no certificate", "no certificate");
}

TEST_F(MutualTls, AForeignCertificateIsRefused) {
  const TestCertificates theirs;
  auto server = serve_fleet();
  refuses(as("vehicle-1", server->port(), theirs), *server, "(vehicle-1): its certificate is of an authority",
          "not the fleet's");
}

TEST_F(MutualTls, CertificatesOutOfTheirTimeAreRefused) {
  ours().run("vehicle old --valid-from 2020-01-01 --days 3");
  ours().run("vehicle early --valid-from 2100-01-01 --days 3");
  auto server = serve_fleet();
  refuses(as("old", server->port()), *server, "(old): its certificate has expired", "expired");
  refuses(as("early", server->port()), *server, "(early): its certificate is not valid yet", "not valid yet");
}

TEST_F(MutualTls, TheServersOwnCertificateIsNoVehicles) {
  auto server = serve_fleet();
  refuses(as("turbo-server", server->port()), *server, "(turbo-server): its certificate", "certificate");
}

TEST_F(MutualTls, AVehiclesCertificateIsNoServers) {
  QuicServer impostor({"127.0.0.1", 0, ours().vehicle_certificate(), ours().vehicle_key(), quick()}, cloud);
  QuicClientConfig config = as("vehicle-1", impostor.port());
  config.peer_name = "vehicle-1";
  QuicClient client(config, vehicle, now());
  ASSERT_TRUE(run_until({part_of(impostor), part_of(client)}, [&] { return !vehicle.lost.empty(); }));
  EXPECT_THAT(vehicle.lost[0], HasSubstr("certificate was refused"));
  EXPECT_TRUE(vehicle.connected.empty());
}

TEST_F(MutualTls, ARevokedVehicleIsPutOutAndStaysOut) {
  ours().run("vehicle stolen");
  auto server = serve_fleet();
  Record other;
  QuicClient client(as("stolen", server->port()), vehicle, now());
  QuicClient bystander(as("vehicle-1", server->port()), other, now());
  const std::vector<Part> parts{part_of(*server), part_of(client), part_of(bystander)};
  ASSERT_TRUE(run_until(parts, [&] { return client.connection() != 0 && bystander.connection() != 0; }));
  cloud.connected.clear();
  ours().run("revoke stolen");
  ASSERT_TRUE(run_until(parts, [&] { return !vehicle.lost.empty() && !cloud.lost.empty(); }));
  EXPECT_EQ(cloud.lost[0], "its certificate was revoked");
  EXPECT_EQ(vehicle.lost[0], "closed by the peer: its certificate was revoked");
  EXPECT_TRUE(other.lost.empty());
  bystander.close(now());
  client.close(now());
  refuses(as("stolen", server->port()), *server, "(stolen): its certificate was revoked", "revoked");
  auto restarted = serve_fleet();
  refuses(as("stolen", restarted->port()), *restarted, "(stolen): its certificate was revoked", "revoked");
}

TEST_F(MutualTls, AListThatCannotBeReadChangesNothing) {
  const TestCertificates theirs;
  const std::string list = theirs.folder() + "/list.pem";
  ours().run("vehicle lost");
  ours().run("revoke lost");
  std::filesystem::copy_file(ours().revoked(), list);
  QuicServerConfig config{"127.0.0.1", 0, ours().certificate(), ours().key(), quick()};
  config.client_ca_file = ours().ca();
  config.revoked_file = list;
  QuicServer server(config, cloud);
  std::filesystem::copy_file(theirs.revoked(), list, std::filesystem::copy_options::overwrite_existing);
  QuicClient client(as("vehicle-1", server.port()), vehicle, now());
  ASSERT_TRUE(run_until({part_of(server), part_of(client)}, [&] { return client.connection() != 0; }));
  ASSERT_FALSE(cloud.notices.empty());
  EXPECT_THAT(cloud.notices[0], HasSubstr("not signed by an authority of"));
  cloud.connected.clear();
  client.close(now());
  refuses(as("lost", server.port()), server, "(lost): its certificate was revoked", "revoked");
  EXPECT_THROW(QuicServer(config, cloud), std::runtime_error) << "at the start it is a mistake to be told";
}

TEST_F(MutualTls, TheServersCertificateMayChange) {
  auto server = serve_fleet();
  const std::uint16_t port = server->port();
  QuicClient client(as("vehicle-1", port), vehicle, now());
  ASSERT_TRUE(run_until({part_of(*server), part_of(client)}, [&] { return client.connection() != 0; }));
  server.reset();
  ours().run("server second --also 127.0.0.1");
  QuicServerConfig config{"127.0.0.1", port, ours().folder() + "/second.pem", ours().folder() + "/second.key",
                          quick()};
  config.client_ca_file = ours().ca();
  QuicServer changed(config, cloud);
  ASSERT_TRUE(run_until({part_of(changed), part_of(client)}, [&] { return vehicle.connected.size() == 2; }));
}

}  // namespace
}  // namespace turbo::quic_test
