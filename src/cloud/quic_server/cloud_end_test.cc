#include "cloud/quic_server/cloud_end_fixture_test.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "transport/shm/message_region.h"

namespace turbo::cloud_test {
namespace {

TEST_F(CloudEndTest, HandsARequestToTheModelServerAndTheAnswerToWhoAsked) {
  start_model_server();
  connected();
  const auto other = join();
  connected(*other);
  const Buffer first = request(7, 100'000);
  vehicle_->ask(7, first, 5'000'000);
  run_until([&] { return requests_.size() == 1; });
  other->ask(7, request(7, 10));  // the same context id
  run_until([&] { return requests_.size() == 2; });
  EXPECT_NE(requests_[0].id, requests_[1].id);
  ASSERT_TRUE(rename_request(std::span(*first).first(split_message(*first).header.size()), requests_[0].id));
  EXPECT_EQ(requests_[0].message, *first) << "as it was, but for its id";
  answer(requests_[1].id);
  run_until([&] { return !other->answered.empty(); });
  EXPECT_TRUE(vehicle_->answered.empty());
  answer(requests_[0].id);
  run_until([&] { return !vehicle_->answered.empty(); });
  EXPECT_EQ(vehicle_->answered, std::vector<std::uint64_t>{7});
  EXPECT_EQ(other->answered, std::vector<std::uint64_t>{7});
}

TEST_F(CloudEndTest, DropsARequestWhoseBudgetHasRunOut) {
  start_model_server();
  connected();
  vehicle_->ask(1, request(1, 10), 0);
  vehicle_->ask(2, request(2, 20), 5'000'000);
  run_until([&] { return requests_.size() == 1; });
  EXPECT_EQ(requests_[0].image_bytes(), 20u);
  run_until([&] { return !vehicle_->dropped.empty(); });
  EXPECT_EQ(vehicle_->dropped, std::vector<std::uint64_t>{1}) << "the vehicle is told";
  answer(requests_[0].id);
  run_until([&] { return !vehicle_->answered.empty(); });
  end_.reset();
  std::ifstream log(folder_ / "requests.jsonl");
  std::vector<std::string> steps;
  for (std::string line; std::getline(log, line);) {
    const auto step = nlohmann::json::parse(line);
    steps.push_back(std::to_string(step["context_id"].get<int>()) + " " + step["step"].get<std::string>());
    EXPECT_EQ(step["service_id"], 1);
    EXPECT_GE(step["after_ms"].get<double>(), 0);
  }
  EXPECT_EQ(steps, (std::vector<std::string>{"1 expired", "2 handed", "2 answered"}));
}

TEST_F(CloudEndTest, AFrameThatIsGivenUpHoldsNoneUp) {
  start_model_server();
  connected();
  const StreamId stale = vehicle_->quic->open_stream().value();
  const Buffer message = request(1, 100'000);
  vehicle_->frame(stale, {FrameType::kRequest, 1, 1, kNoBudget, 0}, message);
  vehicle_->write();
  run_until([&] { return vehicle_->quic->unsent_bytes(stale) == 0; });
  for (std::uint64_t context = 2; context < 200; ++context) {
    const StreamId given_up = vehicle_->quic->open_stream().value();
    vehicle_->frame(given_up, {FrameType::kRequest, 1, context, kNoBudget, 0}, request(context, 50'000));
    vehicle_->write();
    vehicle_->quic->reset(given_up);
    vehicle_->write();
    run_until([&] { return vehicle_->quic->unacknowledged_bytes(given_up) == 0; });
  }
  vehicle_->ask(200, request(200, 100));
  run_until([&] { return !requests_.empty() && requests_.back().image_bytes() == 100; });
  answer(requests_.back().id);
  run_until([&] { return !vehicle_->answered.empty(); });
  EXPECT_TRUE(vehicle_->lost.empty());
}

TEST_F(CloudEndTest, WorksOnWithoutAModelServerAndFindsItWhenItComes) {
  connected();
  for (std::uint64_t context = 1; context <= 3; ++context) vehicle_->ask(context, request(context, 10));
  vehicle_->ask(4, request(4, 10, 2), kNoBudget, 2);
  const Time later = EventLoop::now() + 100ms;
  run_until([&] { return EventLoop::now() > later; });
  start_model_server();
  vehicle_->ask(5, request(5, 50));
  run_until([&] { return !requests_.empty() && requests_.back().image_bytes() == 50; });
  answer(requests_.back().id);
  run_until([&] { return !vehicle_->answered.empty(); });
}

TEST_F(CloudEndTest, AnswersGarbageOfAModelServerWithAReason) {
  start_model_server();
  EXPECT_EQ(tell({""}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(tell({"1", "77777777"}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(tell({"1", "64"}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(tell({"1", "4611686018427387904"}).rfind("ERROR: ", 0), 0u) << "2^62 bytes";
  const auto put = [&](const Buffer& message) {
    EXPECT_TRUE(write_message(given_->file(), *message));
    return std::to_string(message->size());
  };
  EXPECT_EQ(tell({"8", put(response(7))}), "ERROR: the message is of another context id than the notice");
  EXPECT_EQ(tell({"7", put(response(7, 2))}), "ERROR: the message is of another service");
  const Buffer broken = response(7);
  std::fill(broken->begin() + 4, broken->begin() + 40, std::uint8_t{0xff});
  EXPECT_EQ(tell({"7", put(broken)}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(tell({"7", put(response(7))}), "ACK") << "whoever asked is gone: no fault of the model server's";
}

TEST_F(CloudEndTest, ClosesAConnectionThatBreaksTheProtocolAndServesTheNext) {
  start_model_server();
  connected();
  vehicle_->says_hello = false;
  struct Case {
    const char* why;
    std::function<void()> breach;
  };
  const FrameHeader hello{FrameType::kHello, 1, 0, 0, 0};
  const auto on_frame_stream = [&](const FrameHeader& header, const Chunk& payload) {
    vehicle_->frame(vehicle_->quic->open_stream().value(), header, payload, true);
  };
  const Case cases[] = {
      {"not expected here", [&] { on_frame_stream(hello, nullptr); }},
      {"not expected here",
       [&] {
         vehicle_->frame(0, {FrameType::kRequest, 1, 1, 0, 0}, request(1, 10));
       }},
      {"not expected here",
       [&] {
         vehicle_->frame(0, hello, nullptr);
         vehicle_->frame(0, hello, nullptr);
       }},
      {"not expected here",
       [&] {
         on_frame_stream({FrameType::kResponse, 1, 1, 0, 0}, nullptr);
       }},
      {"a service's stream ended", [&] { vehicle_->frame(0, hello, nullptr, true); }},
      {"has a stream already",
       [&] {
         vehicle_->frame(0, hello, nullptr);
         vehicle_->frame(4, hello, nullptr);
       }},
      {"more than one frame",
       [&] {
         const StreamId stream = vehicle_->quic->open_stream().value();
         vehicle_->frame(stream, {FrameType::kRequest, 1, 1, 0, 0}, request(1, 10));
         vehicle_->frame(stream, {FrameType::kRequest, 1, 2, 0, 0}, request(2, 10), true);
       }},
      {"ended within a frame",
       [&] {
         vehicle_->quic->send(vehicle_->quic->open_stream().value(), std::make_shared<Bytes>(3, 'T'), true);
       }},
      {"wrong magic", [&] { vehicle_->quic->send(0, std::make_shared<Bytes>(100, 0x41)); }},
  };
  for (const Case& c : cases) {
    const std::size_t before = vehicle_->lost.size();
    c.breach();
    vehicle_->quic->write(EventLoop::now());
    vehicle_->arm();
    run_until([&] { return vehicle_->lost.size() > before; });
    EXPECT_NE(vehicle_->lost.back().find(c.why), std::string::npos) << c.why << ": " << vehicle_->lost.back();
    connected();
  }
  const auto good = join();
  connected(*good);
  good->frame(good->quic->open_stream().value(), {FrameType::kJunk, kJunkServiceId, 0, 0, 0},
              std::make_shared<Bytes>(50'000), true);
  good->ask(1, request(2, 10));  // not what its header says: dropped, no breach
  good->ask(3, request(3, 30));
  run_until([&] { return !requests_.empty() && requests_.back().image_bytes() == 30; });
  EXPECT_EQ(requests_.size(), 1u);
  EXPECT_TRUE(good->lost.empty());
}

TEST_F(CloudEndTest, RefusesAServiceItDoesNotServeAndServesTheOthers) {
  start_model_server();
  vehicle_->services = 3;
  connected();
  const StreamId unserved = vehicle_->ask(7, request(7, 200'000, 3), kNoBudget, 3);
  vehicle_->ask(1, request(1, 10));
  run_until([&] { return requests_.size() == 1 && !vehicle_->refused.empty(); });
  EXPECT_EQ(requests_[0].image_bytes(), 10u);
  EXPECT_EQ(vehicle_->refused, std::vector<int>{3});
  run_until([&] { return vehicle_->quic->unacknowledged_bytes(unserved) == 0; });
  answer(requests_[0].id);
  run_until([&] { return !vehicle_->answered.empty(); });
  EXPECT_TRUE(vehicle_->lost.empty());
}

TEST_F(CloudEndTest, AVehicleThatLeavesTakesItsQuestionsAlong) {
  start_model_server();
  connected();
  vehicle_->ask(1, request(1, 10));
  run_until([&] { return requests_.size() == 1; });
  vehicle_.reset();
  const auto other = join();
  connected(*other);
  answer(requests_[0].id);
  run_until([&] { return outbox_->delivered() == 1; });
  EXPECT_TRUE(other->answered.empty());
}

}  // namespace
}  // namespace turbo::cloud_test
