#include "transport/ipc/sockets.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include <filesystem>
#include <fstream>

namespace turbo {
namespace {

using namespace std::chrono_literals;

class Sockets : public testing::Test {
 protected:
  std::string endpoint(const std::string& name) {
    return "ipc://" + std::filesystem::temp_directory_path().string() + "/turbo-sockets-test-" +
           std::to_string(::getpid()) + "/" + name;
  }
  void run_until(const std::function<bool()>& done) {
    const Time limit = EventLoop::now() + 10s;
    while (!done() && EventLoop::now() < limit) loop_.run_once(EventLoop::now() + 10ms);
    EXPECT_TRUE(done());
  }
  EventLoop loop_;
  IpcContext context_;
};

TEST_F(Sockets, ARequestIsAnsweredInEitherStartOrder) {
  Requester requester(context_, loop_, endpoint("order"), 5s);
  std::optional<Parts> reply;
  requester.request(EventLoop::now(), {"7", "100"},
                    [&](Time, std::optional<Parts> r) { reply = std::move(r); });
  Responder responder(context_, loop_, endpoint("order"),
                      [](Time, const Parts& request) { return Parts{"ACK " + request[1]}; });
  run_until([&] { return reply.has_value(); });
  EXPECT_THAT(*reply, testing::ElementsAre("ACK 100"));
}

TEST_F(Sockets, ASilentPeerIsGivenUpAndTheNextRequestServed) {
  Requester requester(context_, loop_, endpoint("silent"), 20ms);
  int given_up = 0;
  requester.request(EventLoop::now(), {"first"}, [&](Time, std::optional<Parts> r) { given_up += !r; });
  EXPECT_TRUE(requester.busy());
  EXPECT_FALSE(requester.request(EventLoop::now(), {"second"}, [](Time, std::optional<Parts>) { FAIL(); }));
  run_until([&] { return given_up == 1; });
  Responder responder(context_, loop_, endpoint("silent"),
                      [](Time, const Parts& request) { return Parts{request}; });
  std::optional<Parts> reply;
  run_until([&] {
    if (!reply && !requester.busy())
      requester.request(EventLoop::now(), {"third"},
                        [&](Time, std::optional<Parts> r) { reply = std::move(r); });
    return reply.has_value();
  });
  EXPECT_THAT(*reply, testing::ElementsAre("third"));
}

TEST_F(Sockets, AThrowingHandlerStillAnswers) {
  Responder responder(context_, loop_, endpoint("throws"),
                      [](Time, const Parts&) -> std::optional<Parts> { throw std::runtime_error("no"); });
  Requester requester(context_, loop_, endpoint("throws"), 5s);
  std::optional<Parts> reply;
  requester.request(EventLoop::now(), {"x"}, [&](Time, std::optional<Parts> r) { reply = std::move(r); });
  run_until([&] { return reply.has_value(); });
  EXPECT_THAT(*reply, testing::ElementsAre("ERROR: no"));
}

TEST_F(Sockets, TooManyPartsAreAnsweredWithAnError) {
  Responder responder(context_, loop_, endpoint("parts"), [](Time, const Parts&) { return Parts{"taken"}; });
  Requester requester(context_, loop_, endpoint("parts"), 5s);
  std::optional<Parts> reply;
  requester.request(EventLoop::now(), Parts(20, "x"),
                    [&](Time, std::optional<Parts> r) { reply = std::move(r); });
  run_until([&] { return reply.has_value(); });
  EXPECT_THAT((*reply)[0], testing::StartsWith("ERROR: more than"));
}

TEST_F(Sockets, ALateReplyAnswersTheHeldRequest) {
  EventLoop::Id timer = 0;
  Responder responder(context_, loop_, endpoint("held"), [&](Time now, const Parts&) {
    loop_.arm(timer, now + 5ms);
    return std::nullopt;
  });
  timer = loop_.timer([&](Time) { responder.reply({"later"}); });
  Requester requester(context_, loop_, endpoint("held"), 5s);
  std::optional<Parts> reply;
  requester.request(EventLoop::now(), {"x"}, [&](Time, std::optional<Parts> r) { reply = std::move(r); });
  run_until([&] { return reply.has_value(); });
  EXPECT_THAT(*reply, testing::ElementsAre("later"));
}

TEST_F(Sockets, DeferredRequestsHoldUpNobody) {
  std::vector<Responder::Token> tokens;
  Responder responder(context_, loop_, endpoint("deferred"),
                      [&](Time, const Parts& request) -> std::optional<Parts> {
                        if (request[0] == "now") return Parts{"at once"};
                        const auto token = responder.defer();
                        if (!token) return Parts{"too many wait"};
                        tokens.push_back(*token);
                        return std::nullopt;
                      });
  std::vector<std::string> replies(Responder::kMaxDeferred + 2);
  std::vector<std::unique_ptr<Requester>> requesters;
  const auto ask = [&](std::size_t index, const std::string& what) {
    requesters.push_back(std::make_unique<Requester>(context_, loop_, endpoint("deferred"), 8s));
    requesters.back()->request(EventLoop::now(), {what}, [&replies, index](Time, std::optional<Parts> r) {
      replies[index] = r ? r->front() : "silence";
    });
  };
  for (std::size_t i = 0; i < Responder::kMaxDeferred; ++i) {
    ask(i, "wait");
    run_until([&] { return tokens.size() == i + 1; });
  }
  ask(Responder::kMaxDeferred, "now");
  ask(Responder::kMaxDeferred + 1, "wait");
  run_until([&] { return !replies[Responder::kMaxDeferred].empty() && !replies.back().empty(); });
  EXPECT_EQ(replies[Responder::kMaxDeferred], "at once");
  EXPECT_EQ(replies.back(), "too many wait");
  EXPECT_EQ(replies[0], "");
  for (std::size_t i = tokens.size(); i-- > 0;) {  // the last first
    responder.reply(tokens[i], {std::to_string(i)});
    responder.reply(tokens[i], {"again"});
    run_until([&] { return !replies[i].empty(); });
    EXPECT_EQ(replies[i], std::to_string(i));
  }
}

// A stall of ours: the timer runs first, and the answer lies there.
TEST_F(Sockets, AnAnswerThatHasComeIsNotGivenUp) {
  EventLoop peer;
  Responder responder(context_, peer, "inproc://stall", [](Time, const Parts& p) { return Parts{p}; });
  Requester requester(context_, loop_, "inproc://stall", 1s);
  std::optional<Parts> reply;
  requester.request(EventLoop::now() - 1h, {"x"},
                    [&](Time, std::optional<Parts> r) { reply = std::move(r); });
  peer.run_once(EventLoop::now() + 10s);
  loop_.run_once(EventLoop::now() + 10s);
  ASSERT_TRUE(reply);
  EXPECT_THAT(*reply, testing::ElementsAre("x"));
}

TEST_F(Sockets, OnlyItsOwnFileIsRemoved) {
  const std::string file = endpoint("replaced").substr(sizeof "ipc://" - 1);
  {
    IpcContext other;
    Responder responder(other, loop_, endpoint("replaced"), [](Time, const Parts&) { return Parts{"a"}; });
    std::filesystem::rename(file, file + ".ours");  // kept, so that its inode is not given again
    std::ofstream(file) << "another's";
  }
  EXPECT_TRUE(std::filesystem::remove(file));
  std::filesystem::remove(file + ".ours");
}

TEST_F(Sockets, WhatIsPublishedArrives) {
  std::string heard;
  Subscriber subscriber(context_, loop_, endpoint("published"),
                        [&](Time, const std::string& m) { heard = m; });
  Publisher publisher(context_, endpoint("published"));
  run_until([&] {
    publisher.publish("ABORT");  // lost until the connection stands
    return heard == "ABORT";
  });
}

TEST_F(Sockets, ALiveOwnersSocketIsRefused) {
  Responder responder(context_, loop_, endpoint("owned"), [](Time, const Parts& p) { return Parts{p}; });
  IpcContext other;
  EXPECT_THROW(Responder(other, loop_, endpoint("owned"), [](Time, const Parts& p) { return Parts{p}; }),
               std::runtime_error);
}

TEST_F(Sockets, AnEndedProcessLeavesNoSocketBehind) {
  const std::string file = endpoint("ended").substr(sizeof "ipc://" - 1);
  {
    IpcContext other;
    Responder responder(other, loop_, endpoint("ended"), [](Time, const Parts&) { return Parts{"a"}; });
    EXPECT_TRUE(std::filesystem::exists(file));
  }
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_FALSE(std::filesystem::exists(file + ".lock"));
}

// What libzmq's own REP gets wrong: the reply after it is lost.
TEST_F(Sockets, ABrokenRequestOfAPeerThatLeftCostsNobodyAReply) {
  Responder responder(context_, loop_, endpoint("broken"), [](Time, const Parts& p) { return Parts{p}; });
  Requester requester(context_, loop_, endpoint("broken"), 5s);
  for (int i = 0; i < 20; ++i) {
    const int peer = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    endpoint("broken").copy(address.sun_path, sizeof address.sun_path - 1, 6);
    ASSERT_EQ(::connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const char zmtp1[] =
        "\x01\x00\x02\x01x\x02\x00y";  // no identity; a message of two parts, none of them empty
    ASSERT_EQ(::send(peer, zmtp1, sizeof zmtp1 - 1, 0), ssize_t{sizeof zmtp1 - 1});
    ::close(peer);
    loop_.run_once(EventLoop::now() + 2ms);
    std::optional<Parts> reply;
    bool answered = false;
    requester.request(EventLoop::now(), {"right"}, [&](Time, std::optional<Parts> r) {
      answered = true;
      reply = std::move(r);
    });
    run_until([&] { return answered; });
    ASSERT_TRUE(reply) << "after " << i;
  }
}

TEST_F(Sockets, APathTooLongForASocketIsOneLine) {
  EXPECT_THROW(Requester(context_, loop_, "ipc:///tmp/" + std::string(200, 'x'), 1s), std::runtime_error);
}

TEST(SizeNotice, RoundTripsAndRefusesGarbage) {
  std::string error;
  const auto notice = parse_size_notice(format_size_notice({18446744073709551615u, 50'000'000}), error);
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->context_id, 18446744073709551615u);
  EXPECT_EQ(notice->size_bytes, 50'000'000u);
  for (const Parts& bad : {Parts{}, Parts{"1"}, Parts{"1", "2", "3"}, Parts{"", "2"}, Parts{"1", "-2"},
                           Parts{"1", "2 "}, Parts{"0x1", "2"}, Parts{"1", "99999999999999999999999"}}) {
    error.clear();
    EXPECT_FALSE(parse_size_notice(bad, error));
    EXPECT_FALSE(error.empty());
  }
}

}  // namespace
}  // namespace turbo
