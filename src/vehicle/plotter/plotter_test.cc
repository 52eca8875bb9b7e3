// The plotter with this test as its peers: publishers on one side, HTTP clients, good and bad, on the other.
#include "vehicle/plotter/plotter.h"
#include "tests/temporary_folder.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

namespace turbo {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class PlotterTest : public testing::Test {
 protected:
  PlotterTest() : process_(ProcessInfo{.name = "plotter"}, {}) {
    config_.zmq_incoming_diagnostic_name = "ipc://" + folder_ / "car-client-diagnostics";
    config_.host = "127.0.0.1";
    config_.port = 0;
    config_.keep = std::chrono::seconds(300);
    plotter_.emplace(process_, config_, "");
    while (plotter_->port() == 0) std::this_thread::yield();
  }
  ~PlotterTest() override { plotter_.reset(); }

  int connect() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(plotter_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return fd;
  }

  // Sends and reads until the server closes.
  std::string talk(const std::string& request) const {
    const int fd = connect();
    [[maybe_unused]] const auto sent = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    std::string answer;
    char bytes[4096];
    for (ssize_t n; (n = ::recv(fd, bytes, sizeof bytes, 0)) > 0;)
      answer.append(bytes, static_cast<std::size_t>(n));
    ::close(fd);
    return answer;
  }
  std::string get(const std::string& target) const {
    return talk("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
  static std::string body(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

  Process process_;
  test::TemporaryFolder folder_;
  PlotterConfig config_;
  std::optional<Plotter> plotter_;
};

TEST_F(PlotterTest, ServesThePageAndTheHistory) {
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/"), HasSubstr("<title>TURBO</title>"));
  EXPECT_THAT(get("/"), testing::EndsWith("</html>\n"));
  EXPECT_EQ(json::parse(body(get("/api/history")))["next"], 0);

  Publisher client(process_.ipc(), config_.zmq_incoming_diagnostic_name);
  const json message{{"plot_id", 1},
                     {"service_id", 777},
                     {"timestamp", 0},
                     {"remote_request_made", true},
                     {"remote_request_successful", true}};
  while (plotter_->history().size() == 0) {
    client.publish("garbage");
    client.publish(std::string(900'000, '{'));
    client.publish(message.dump());
    process_.loop().run_once(EventLoop::now() + std::chrono::milliseconds(20));
  }
  const auto history = json::parse(body(get("/api/history?since=0")));
  EXPECT_EQ(history["requests"][0]["service_id"], 777);
  EXPECT_EQ(
      json::parse(body(get("/api/history?since=" + std::to_string(history["next"].get<int>()))))["requests"]
          .size(),
      0u);
}

TEST_F(PlotterTest, RefusesWhatIsNoGet) {
  EXPECT_THAT(get("/etc/passwd"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get("/../../etc/passwd"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(talk("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"), StartsWith("HTTP/1.1 4"));
  EXPECT_THAT(talk("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"),
              testing::Not(HasSubstr("200 OK")));
  EXPECT_THAT(talk("\x16\x03\x01garbage\r\n\r\n"), testing::Not(HasSubstr("200 OK")));
  const std::string head = talk("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(body(head), "");
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 200"));
}

TEST_F(PlotterTest, ConnectionsAreBoundedAndIdleOnesDoNotBlock) {
  std::vector<int> idle;
  for (int i = 0; i < HttpServer::kMaxConnections - 1; ++i) idle.push_back(connect());
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 200"));
  // Beyond the limit a connection is closed at once; those within stay.
  for (int i = 0; i < 20; ++i) idle.push_back(connect());
  int closed = 0;
  for (const int fd : idle) {
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, fd == idle.back() ? 5000 : 0) > 0) ++closed;
  }
  EXPECT_GE(closed, 1);
  for (const int fd : idle) ::close(fd);
}

TEST_F(PlotterTest, APortInUseIsWaitedFor) {
  PlotterConfig second = config_;
  second.port = plotter_->port();
  HttpServer waiting("127.0.0.1", second.port, {},
                     {[](const std::string& text) { EXPECT_THAT(text, HasSubstr("in use")); }});
  while (get("/").empty()) {
  }
  EXPECT_EQ(waiting.port(), 0);
}

}  // namespace
}  // namespace turbo
