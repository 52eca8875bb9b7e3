// The ping handler on its own socket, with this test as its peer. Whether ICMP is permitted here or not, it
// answers.
#include "vehicle/ping_handler/ping_handler.h"
#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace turbo {
namespace {

class PingHandlerTest : public testing::Test {
 protected:
  PingHandlerTest() : process_(ProcessInfo{.name = "ping-handler"}, {}) {
    endpoint_ = "ipc://" + folder_ / "ping-handler";
  }

  std::string ask(Requester& peer, const Parts& request) {
    std::string answer;
    peer.request(EventLoop::now(), request,
                 [&](Time, std::optional<Parts> reply) { answer = reply ? reply->at(0) : "no answer"; });
    while (peer.busy()) process_.loop().run_once(EventLoop::now() + std::chrono::seconds(1));
    return answer;
  }

  Process process_;
  test::TemporaryFolder folder_;
  std::string endpoint_;
};

TEST_F(PingHandlerTest, AnswersWithMillisecondsAndRefusesTheRest) {
  PingHandler handler(process_, "127.0.0.1", endpoint_);
  Requester peer(process_.ipc(), process_.loop(), endpoint_, std::chrono::seconds(10));
  EXPECT_THAT(ask(peer, {"ping"}), testing::MatchesRegex("[0-9]+\\.[0-9]+"));
  const double rtt_ms = std::stod(ask(peer, {"ping"}));
  EXPECT_GE(rtt_ms, 0);
  EXPECT_LE(rtt_ms, 1000);
  for (const Parts& wrong :
       {Parts{"pong"}, Parts{""}, Parts{"ping", "ping"}, Parts{std::string(100'000, 'p')}})
    EXPECT_THAT(ask(peer, wrong), testing::StartsWith("ERROR: "));
  EXPECT_THAT(ask(peer, {"ping"}), testing::MatchesRegex("[0-9]+\\.[0-9]+"));
}

TEST_F(PingHandlerTest, WithoutAnAddressEveryPingIsLost) {
  PingHandler handler(process_, "no-such-host.invalid", endpoint_);
  Requester peer(process_.ipc(), process_.loop(), endpoint_, std::chrono::seconds(10));
  EXPECT_EQ(ask(peer, {"ping"}), "1000.000");
}

}  // namespace
}  // namespace turbo
