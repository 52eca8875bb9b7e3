#include "cloud/model_server/model_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <semaphore>

#include "tests/temporary_folder.h"
#include "transport/shm/message_region.h"

namespace turbo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

// Answers when it is let; says what it was asked.
class SlowAnswerer : public Answerer {
 public:
  ModelServerResponse answer(const ModelServerRequest& request,
                             std::span<const std::uint8_t> payload) override {
    began = request.context_id;
    begun.release();
    gate.acquire();
    ModelServerResponse response;
    response.status = payload.empty() ? Status::kFailed : Status::kOk;
    response.error = payload.empty() ? "no picture" : "";
    return response;
  }
  std::string description() const override { return "a test"; }

  std::uint64_t wait_for_begin() {
    begun.acquire();
    return began;
  }

  std::atomic<std::uint64_t> began = 0;
  std::counting_semaphore<> begun{0}, gate{0};
};

class EchoAnswerer : public Answerer {
 public:
  ModelServerResponse answer(const ModelServerRequest& request,
                             std::span<const std::uint8_t> payload) override {
    if (request.model_config == "throw") throw std::bad_alloc();
    ModelServerResponse response;
    response.detections.push_back({{0, 0, static_cast<float>(payload.size()), 1}, 0.5f, 1});
    return response;
  }
  std::string description() const override { return "a test"; }
};

// The QUIC server's part is played by the test, in the same loop.
class ModelServerTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string id = std::to_string(::getpid());
    config_.incoming_zmq_sockname = "ipc://" + folder_ / "requests";
    config_.outgoing_zmq_sockname = "ipc://" + folder_ / "answers";
    config_.incoming_shm_filename = "turbo-test-requests-" + id;
    config_.outgoing_shm_filename = "turbo-test-answers-" + id;
    config_.shm_filesize = 1'000'000;
  }

  void start(Answerer& answerer) {
    server_.emplace(ipc_, loop_, config_, answerer);
    requests_.emplace(config_.incoming_shm_filename);
    answers_.emplace(config_.outgoing_shm_filename);
    ASSERT_TRUE(requests_->refresh());
    ASSERT_TRUE(answers_->refresh());
    sender_.emplace(ipc_, loop_, config_.incoming_zmq_sockname, 5s);
  }
  void listen() {
    receiver_.emplace(ipc_, loop_, config_.outgoing_zmq_sockname, [this](Time, const Parts& parts) {
      std::string error;
      const auto notice = parse_size_notice(parts, error);
      EXPECT_TRUE(notice) << error;
      std::vector<std::uint8_t> message;
      EXPECT_TRUE(copy_message(answers_->file(), notice->size_bytes, message, error)) << error;
      const auto response = decode_server_response(split_message(message).header, error);
      EXPECT_TRUE(response) << error;
      EXPECT_EQ(response->context_id, notice->context_id);
      received_.push_back(*response);
      return Parts{std::string(kAck)};
    });
  }
  template <class Condition>
  bool run_until(Condition done) {
    const Time end = EventLoop::now() + 10s;
    while (!done() && EventLoop::now() < end) loop_.run_once(end);
    return done();
  }
  std::size_t write(const ModelServerRequest& request, std::size_t payload_bytes) {
    begin_message(requests_->bytes());
    return publish_message(requests_->bytes(), encode(request), payload_bytes);
  }
  std::string ask(const Parts& parts) {
    std::optional<Parts> reply;
    bool over = false;
    sender_->request(EventLoop::now(), parts,
                     [&](Time, std::optional<Parts> r) { reply = std::move(r), over = true; });
    EXPECT_TRUE(run_until([&] { return over; }));
    return reply && reply->size() == 1 ? reply->front() : "silence";
  }
  std::string send(std::uint64_t context_id, std::size_t payload_bytes = 10,
                   const std::string& config = "x") {
    const auto size = write({.context_id = context_id,
                             .service_id = 3,
                             .model_config = config,
                             .height = 1,
                             .width = 1,
                             .frame_height = 1,
                             .frame_width = 1,
                             .payload_bytes = payload_bytes},
                            payload_bytes);
    return ask(format_size_notice({context_id, size}));
  }

  test::TemporaryFolder folder_;
  ModelServerConfig config_;
  IpcContext ipc_;
  EventLoop loop_;
  EchoAnswerer echo_;
  SlowAnswerer slow_;
  std::optional<ModelServer> server_;
  std::optional<AttachedRegion> requests_, answers_;
  std::optional<Requester> sender_;
  std::optional<Responder> receiver_;
  std::vector<ModelServerResponse> received_;
};

TEST_F(ModelServerTest, AcknowledgesAndAnswers) {
  start(echo_);
  listen();
  EXPECT_EQ(send(5, 1234), "ACK");
  ASSERT_TRUE(run_until([&] { return received_.size() == 1 && server_->counts().delivered == 1; }));
  EXPECT_EQ(received_[0].context_id, 5u);
  EXPECT_EQ(received_[0].service_id, 3);
  EXPECT_EQ(received_[0].model_config, "x");
  EXPECT_EQ(received_[0].detections[0].box.x_max, 1234);
  EXPECT_GE(received_[0].overall_s, received_[0].queue_s);
}

TEST_F(ModelServerTest, GarbageIsAnsweredWithAnError) {
  start(echo_);
  listen();
  const std::vector<Parts> garbage{{""},
                                   {"x"},
                                   {"1"},
                                   {"1", "x"},
                                   {"x", "1"},
                                   {"-1", "100"},
                                   {"1", "2", "3"},
                                   {"1", "0"},
                                   {"1", "99999999999999999999"},
                                   {"1", "18446744073709551615"},
                                   {"1", "1000001"},
                                   {"1", "4"},
                                   {"1", "500"},
                                   {std::string(100'000, 'x'), "7"},
                                   Parts(20, "1"),
                                   {std::string("\0\1\2", 3), "\xff\xfe"}};
  for (const auto& parts : garbage) EXPECT_THAT(ask(parts), StartsWith("ERROR: ")) << parts[0].substr(0, 40);
  // A region full of noise, announced in the right form.
  requests_->refresh();
  for (unsigned round = 0; round < 50; ++round) {
    unsigned value = round * 2654435761u;
    for (std::size_t i = 0; i < 3000; ++i)
      requests_->bytes()[i] = static_cast<std::uint8_t>((value = value * 1664525 + 1013904223) >> 24);
    requests_->bytes()[2] = requests_->bytes()[3] = 0;
    EXPECT_THAT(ask({"1", "3000"}), StartsWith("ERROR: "));
  }
  EXPECT_EQ(server_->counts().requests, 0u);
  EXPECT_EQ(send(9), "ACK");
  EXPECT_TRUE(run_until([&] { return received_.size() == 1; }));
}

TEST_F(ModelServerTest, AMessageThatContradictsItselfIsAnError) {
  start(echo_);
  ModelServerRequest request{.context_id = 5,
                             .model_config = "x",
                             .height = 1,
                             .width = 1,
                             .frame_height = 1,
                             .frame_width = 1,
                             .payload_bytes = 10};
  auto size = write(request, 10);
  EXPECT_THAT(ask(format_size_notice({6, size})), HasSubstr("context id 5, not 6"));
  size = write(request, 11);
  EXPECT_THAT(ask(format_size_notice({5, size})), HasSubstr("a payload of 11 bytes, announced as 10"));
  request.height = 0;
  size = write(request, 10);
  EXPECT_THAT(ask(format_size_notice({5, size})), StartsWith("ERROR: "));
}

TEST_F(ModelServerTest, TheFreshestWaitingRequestIsAnswered) {
  start(slow_);
  listen();
  EXPECT_EQ(send(1), "ACK");
  EXPECT_EQ(slow_.wait_for_begin(), 1u);  // the worker has it, the place is free
  for (std::uint64_t id = 2; id <= 5; ++id) EXPECT_EQ(send(id), "ACK");
  EXPECT_EQ(server_->counts().replaced, 3u);
  slow_.gate.release();
  // Delivered before the next one is let go: of two answers that wait for the loop, the staler one is
  // dropped.
  ASSERT_TRUE(run_until([&] { return received_.size() == 1; }));
  EXPECT_EQ(received_[0].context_id, 1u);
  EXPECT_EQ(slow_.wait_for_begin(), 5u);
  slow_.gate.release();
  ASSERT_TRUE(run_until([&] { return received_.size() == 2; }));
  EXPECT_EQ(received_[1].context_id, 5u);
  EXPECT_GE(received_[1].queue_s, 0.0);
}

TEST_F(ModelServerTest, WhatFailsIsAnswered) {
  start(echo_);
  listen();
  EXPECT_EQ(send(1, 10, "throw"), "ACK");
  ASSERT_TRUE(run_until([&] { return received_.size() == 1; }));
  EXPECT_EQ(received_[0].status, Status::kFailed);
  EXPECT_NE(received_[0].error, "");
}

TEST_F(ModelServerTest, AQuicServerThatComesLaterGetsTheFreshestAnswer) {
  start(echo_);
  for (std::uint64_t id = 1; id <= 4; ++id) EXPECT_EQ(send(id), "ACK");
  listen();
  ASSERT_TRUE(run_until([&] { return !received_.empty() && received_.back().context_id == 4; }));
}

TEST_F(ModelServerTest, StopsWithWorkUnderWayAndLeavesNothingBehind) {
  start(slow_);
  EXPECT_EQ(send(1), "ACK");
  EXPECT_EQ(send(2), "ACK");
  slow_.wait_for_begin();
  slow_.gate.release(2);
  server_.reset();
  EXPECT_FALSE(AttachedRegion(config_.incoming_shm_filename).refresh());
  EXPECT_FALSE(AttachedRegion(config_.outgoing_shm_filename).refresh());
}

}  // namespace
}  // namespace turbo
