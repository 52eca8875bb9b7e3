// With the client and the server of the ngtcp2 package, which are others' programs over the same QUIC
// library: handshake, mutual TLS, tickets, a transfer, a change of address. They speak HTTP/3, so that both
// ends here say the few bytes of it that one request takes.

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <fstream>

#include "transport/quic/endpoints_fixture_test.h"

extern char** environ;

namespace turbo::quic_test {
namespace {

constexpr char kHttp3[] = "h3";
constexpr std::uint8_t kData = 0, kHeaders = 1;

// A program of others, killed at the end if it still runs.
class Program {
 public:
  explicit Program(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid_, arguments[0], &quiet, nullptr, arguments.data(), environ) != 0) {
      pid_ = 0;
      ADD_FAILURE() << command[0] << " does not start: ./dev setup installs it";
    }
    posix_spawn_file_actions_destroy(&quiet);
  }
  ~Program() {
    if (pid_ == 0 || ended()) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  bool ended() {
    if (pid_ != 0 && !ended_ && waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
    return ended_;
  }
  bool succeeded() { return ended() && WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }

 private:
  pid_t pid_ = 0;
  int status_ = 0;
  bool ended_ = false;
};

Chunk bytes(std::initializer_list<int> list, const std::string& rest = {}) {
  auto out = std::make_shared<Bytes>(list.begin(), list.end());
  out->insert(out->end(), rest.begin(), rest.end());
  return out;
}

// A number as QUIC writes it, always in eight bytes.
void append_number(Bytes& to, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8)
    to.push_back(static_cast<std::uint8_t>((number >> shift) & 0xff) | (shift == 56 ? 0xc0 : 0));
}

std::uint64_t take_number(std::span<const std::uint8_t>& from) {
  const std::size_t size = std::size_t{1} << (from[0] >> 6);
  if (from.size() < size) return 0;
  std::uint64_t number = from[0] & 0x3f;
  for (std::size_t i = 1; i < size; ++i) number = number << 8 | from[i];
  from = from.subspan(size);
  return number;
}

// What an answer carries beside its headers.
Bytes content_of(std::span<const std::uint8_t> answer) {
  Bytes content;
  while (!answer.empty()) {
    const std::uint64_t type = take_number(answer);
    if (answer.empty()) break;
    const std::uint64_t size = std::min<std::uint64_t>(take_number(answer), answer.size());
    if (type == kData)
      content.insert(content.end(), answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size));
    answer = answer.subspan(size);
  }
  return content;
}

// RFC 9204's static table: GET is 17, https 23, the authority 0, a path 1, status 200 is 25.
Chunk get(const std::string& path) {
  const std::string authority = "localhost";
  Bytes fields{0, 0, 0xc0 | 17, 0xc0 | 23, 0x50, static_cast<std::uint8_t>(authority.size())};
  fields.insert(fields.end(), authority.begin(), authority.end());
  fields.insert(fields.end(), {0x51, static_cast<std::uint8_t>(path.size())});
  fields.insert(fields.end(), path.begin(), path.end());
  return bytes({kHeaders, static_cast<int>(fields.size())}, {fields.begin(), fields.end()});
}
Chunk control_stream() { return bytes({0 /* it is one */, 4 /* settings */, 0 /* none */}); }
Chunk status_ok() { return bytes({kHeaders, 3, 0, 0, 0xc0 | 25}); }
Chunk data_header(std::uint64_t size) {
  auto out = std::make_shared<Bytes>(1, kData);
  append_number(*out, size);
  return out;
}

class Interop : public Endpoints {
 protected:
  const TestCertificates& ours() { return certificates("ours"); }
  std::string written(const std::string& name, const Chunk& content) {
    std::ofstream out(folder_ / name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(content->data()), static_cast<std::streamsize>(content->size()));
    return folder_ / name;
  }
  Bytes read(const std::string& name) {
    std::ifstream in(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::unique_ptr<QuicServer> serve_http() {
    QuicServerConfig config{"127.0.0.1", 0, ours().certificate(), ours().key(), quick()};
    config.client_ca_file = ours().ca();
    config.alpn = kHttp3;
    return std::make_unique<QuicServer>(config, cloud);
  }
  std::vector<std::string> client_command(std::uint16_t port, std::vector<std::string> options) {
    std::vector<std::string> command{"/usr/bin/gtlsclient", "-q", "--exit-on-all-streams-close"};
    if (with_certificate_)
      command.insert(command.end(),
                     {"--cert=" + ours().vehicle_certificate(), "--key=" + ours().vehicle_key()});
    command.push_back("--download=" + folder_.path());
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(), {"127.0.0.1", std::to_string(port), "https://127.0.0.1/picture"});
    return command;
  }
  // Answers the first request: bit by bit, and the rest at once when `go_on`.
  void answer(QuicServer& server, const Chunk& content, const std::function<bool(ConnectionId)>& go_on) {
    const ConnectionId id = cloud.connected.empty() ? 0 : cloud.connected.back();
    if (id == 0 || !cloud.ended.contains({id, 0}) || answered_ == content->size()) return;
    const bool all = go_on(id);
    if (!all && server.unacknowledged_bytes(id, 0) > 0) return;  // a bit for each of the client's answers
    if (answered_ == 0) {
      server.send(id, 0, status_ok());
      server.send(id, 0, data_header(content->size()));
    }
    const std::size_t rest = content->size() - answered_;
    const std::size_t size = all ? rest : std::min<std::size_t>(rest / 2, 100);
    const auto begin = content->begin() + static_cast<std::ptrdiff_t>(answered_);
    server.send(id, 0, std::make_shared<Bytes>(begin, begin + static_cast<std::ptrdiff_t>(size)), all);
    answered_ += size;
    server.write(now());
  }
  bool fetch(QuicServer& server, const Chunk& content, const std::vector<std::string>& options,
             const std::function<bool(ConnectionId)>& go_on) {
    answered_ = 0;
    cloud.connected.clear();
    cloud.ended.clear();
    Program client(client_command(server.port(), options));
    return run_until({part_of(server)},
                     [&] {
                       answer(server, content, go_on);
                       return client.ended();
                     }) &&
           client.succeeded();
  }

  test::TemporaryFolder folder_;
  std::size_t answered_ = 0;
  bool with_certificate_ = true;
};

TEST_F(Interop, TheirClientFetchesFromOurServerAndComesBackOnItsTicket) {
  auto server = serve_http();
  const Chunk content = pattern(3'000'000, 1);
  const std::vector<std::string> options{"--session-file=" + (folder_ / "session"),
                                         "--tp-file=" + (folder_ / "limits"), "--wait-for-ticket"};
  const auto at_once = [](ConnectionId) { return true; };
  ASSERT_TRUE(fetch(*server, content, options, at_once)) << ::testing::PrintToString(cloud.notices);
  EXPECT_TRUE(same(read("picture"), content));
  EXPECT_EQ(cloud.connected.size(), 1u);
  EXPECT_TRUE(cloud.notices.empty());
  // Without a certificate only the ticket lets it in.
  with_certificate_ = false;
  std::string name;
  cloud.on_connection = [&] { name = server->peer_name(2); };
  ASSERT_TRUE(fetch(*server, content, options, at_once)) << ::testing::PrintToString(cloud.notices);
  EXPECT_EQ(name, "vehicle-1");
  EXPECT_TRUE(same(read("picture"), content));
}

TEST_F(Interop, TheirClientChangesItsAddressWhileOurServerSends) {
  const Chunk content = pattern(2'000'000, 2);
  const auto fetched_from_two = [&](const std::vector<std::string>& options) {
    auto server = serve_http();
    std::string first;
    return fetch(*server, content, options,
                 [&](ConnectionId id) {
                   const std::string at = server->peer_address(id);
                   if (first.empty()) first = at;
                   return at != first;
                 }) &&
           same(read("picture"), content) && cloud.connected.size() == 1;
  };
  EXPECT_TRUE(fetched_from_two({"--change-local-addr=100ms"})) << ::testing::PrintToString(cloud.lost);
  // Behind a NAT the client does not know. What is on its way to the old address just then is lost, and
  // neither end has a reason to speak: their client sends nothing to keep itself alive, so that it may take a
  // few tries.
  bool rebound = false;
  for (int attempt = 0; attempt < 8 && !rebound; ++attempt)
    rebound = fetched_from_two({"--change-local-addr=100ms", "--nat-rebinding", "--timeout=1s"});
  EXPECT_TRUE(rebound) << ::testing::PrintToString(cloud.lost);
}

TEST_F(Interop, OurClientFetchesFromTheirServerAndChangesItsAddress) {
  std::uint16_t port = 0;
  {
    UdpSocket taken;
    taken.bind_to(resolve("127.0.0.1", 0).front());
    port = taken.local().port();
  }
  const Chunk content = pattern(30'000'000, 3);
  written("picture", content);
  Program server({"/usr/sbin/gtlsserver", "-q", "-d", folder_.path(), "127.0.0.1", std::to_string(port),
                  ours().key(), ours().certificate()});
  std::string own_address = "127.0.0.1";
  QuicClientConfig config{"127.0.0.1", port, "", ours().ca(), 1, quick()};
  config.alpn = kHttp3;
  config.settings.peer_streams = 3;
  config.settings.network_look = 5ms;
  config.local_address = [&](const Address&) {
    const SocketAddress found = resolve(own_address, 0).front();
    return std::optional<Address>({found.storage, found.size_bytes});
  };
  QuicClient client(config, vehicle, now());
  ASSERT_TRUE(run_until({part_of(client)}, [&] { return client.confirmed(); })) << vehicle.lost.back();
  const std::size_t attempts = vehicle.connected.size();
  const auto control = client.open_stream();
  ASSERT_TRUE(control);
  client.send(*control, control_stream());
  client.send(0, get("/picture"), true);
  client.write(now());
  const Bytes& got = vehicle.received[{client.connection(), 0}];
  ASSERT_TRUE(run_until({part_of(client)}, [&] { return got.size() > 100'000; }));
  own_address = "127.0.0.2";
  ASSERT_TRUE(run_until({part_of(client)}, [&] { return !vehicle.path_changed.empty(); }));
  EXPECT_LT(got.size(), content->size()) << "in the middle of it";
  ASSERT_TRUE(run_until({part_of(client)}, [&] { return vehicle.ended.contains({client.connection(), 0}); }));
  EXPECT_TRUE(content_of(got) == *content);
  EXPECT_EQ(vehicle.connected.size(), attempts) << "and no new handshake";
}

}  // namespace
}  // namespace turbo::quic_test
