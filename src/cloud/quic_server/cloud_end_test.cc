#include "cloud/quic_server/cloud_end.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "transport/handoff/test_messages.h"
#include "transport/quic/quic_client.h"
#include "transport/quic/test_certificates.h"
#include "transport/shm/message_region.h"

namespace turbo {
namespace {

using namespace std::chrono_literals;
using test::request;
using test::response;
using Bytes = std::vector<std::uint8_t>;

// A vehicle, as far as the cloud can tell.
struct Vehicle : QuicHandler {
  EventLoop& loop;
  std::unique_ptr<QuicClient> quic;
  EventLoop::Id source = 0, timer = 0;
  std::map<StreamId, FrameParser> parsers;
  std::vector<std::uint64_t> answered, dropped;
  std::vector<std::string> lost;
  std::vector<int> refused;
  bool says_hello = true;
  std::uint16_t services = 2;

  Vehicle(EventLoop& l, const TestCertificates& certificates, std::uint16_t port) : loop(l) {
    quic = std::make_unique<QuicClient>(QuicClientConfig{"127.0.0.1",
                                                         port,
                                                         "",
                                                         certificates.ca(),
                                                         3,
                                                         {},
                                                         certificates.vehicle_certificate(),
                                                         certificates.vehicle_key()},
                                        *this, EventLoop::now());
    source = loop.on_readable(quic->fd(), [this](Time now) {
      quic->on_readable(now);
      arm();
    });
    timer = loop.timer([this](Time now) {
      quic->on_timer(now);
      arm();
    });
    arm();
  }
  ~Vehicle() override {
    quic->close(EventLoop::now());
    loop.remove(source);
    loop.remove(timer);
  }
  void arm() {
    if (quic->next_deadline() != Time::max()) loop.arm(timer, quic->next_deadline());
  }
  void frame(StreamId stream, FrameHeader header, const Chunk& payload, bool last = false) {
    header.length_bytes = payload ? static_cast<std::uint32_t>(payload->size()) : 0;
    auto raw = std::make_shared<Bytes>(kFrameHeaderBytes);
    encode(header, std::span<std::uint8_t, kFrameHeaderBytes>(raw->data(), kFrameHeaderBytes));
    quic->send(stream, raw, last && !payload);
    if (payload) quic->send(stream, payload, last);
  }
  StreamId ask(std::uint64_t context, const Chunk& message, std::uint32_t budget_us = kNoBudget,
               std::uint16_t service = 1) {
    const StreamId stream = quic->open_stream().value();
    frame(stream, {FrameType::kRequest, service, context, budget_us, 0}, message, true);
    write();
    return stream;
  }
  void write() {
    quic->write(EventLoop::now());
    arm();
  }
  void on_connected(ConnectionId, Time) override {
    parsers.clear();
    for (std::uint16_t service = 1; says_hello && service <= services; ++service)
      frame(bidirectional_stream(service - 1u), {FrameType::kHello, service, 0, 0, 0}, nullptr);
  }
  void on_disconnected(ConnectionId, std::string_view reason, Time) override { lost.emplace_back(reason); }
  std::string on_stream_data(ConnectionId, StreamId stream, std::span<const std::uint8_t> data, bool,
                             Time) override {
    FrameParser& parser = parsers
                              .try_emplace(stream, service_stream_at_vehicle(1'000'000),
                                           static_cast<std::uint16_t>(stream / 4 + 1))
                              .first->second;
    while (!data.empty()) {
      const auto step = parser.feed(data);
      EXPECT_NE(step, FrameParser::Step::kError) << describe(parser.error());
      if (step == FrameParser::Step::kError) return "bad frame";
      if (step != FrameParser::Step::kFrame) continue;
      if (parser.header().type == FrameType::kRefusal)
        refused.push_back(parser.header().service_id);
      else if (parser.header().type == FrameType::kDropped)
        dropped.push_back(parser.header().context_id);
      else
        answered.push_back(parser.header().context_id);
    }
    return {};
  }
};

class CloudEndTest : public ::testing::Test {
 protected:
  static const TestCertificates& certificates() {
    static const TestCertificates made;
    return made;
  }
  CloudEndTest() {
    std::filesystem::create_directories(folder_);
    config_.max_message_bytes = 1'000'000;
    config_.idle_timeout = 60s;
    config_.certificate_path = certificates().certificate();
    config_.private_key_path = certificates().key();
    config_.fleet_ca_certificate_path = certificates().ca();
    config_.revoked_certificates_path = certificates().revoked();
    for (const int id : {1, 2}) {
      QuicServiceConfig names;
      names.service_id = id;
      names.server_outgoing_sockname = socket("out" + std::to_string(id));
      names.server_incoming_sockname = socket("in" + std::to_string(id));
      names.server_outgoing_shm = region("out" + std::to_string(id));
      names.server_incoming_shm = region("in" + std::to_string(id));
      config_.services.push_back(names);
    }
    end_ = std::make_unique<CloudEnd>(process_, config_, HostPort{"127.0.0.1", 0});
    vehicle_ = join();
  }
  ~CloudEndTest() override {
    vehicle_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<Vehicle> join() { return std::make_unique<Vehicle>(loop(), certificates(), end_->port()); }
  std::string socket(const std::string& name) const { return "ipc://" + folder_ + "/" + name; }
  static std::string region(const std::string& name) {
    return "turbo-ce-" + std::to_string(getpid()) + "-" + name;
  }
  void start_model_server() {
    asked_ = std::make_unique<Region>(config_.services[0].server_outgoing_shm, 1'000'000);
    given_ = std::make_unique<Region>(config_.services[0].server_incoming_shm, 1'000'000);
    inbox_ =
        std::make_unique<MessageInbox>(process_.ipc(), loop(), config_.services[0].server_outgoing_sockname,
                                       config_.services[0].server_outgoing_shm, 1'000'000,
                                       [this](Time, std::uint64_t context, const Buffer& message) {
                                         requests_.emplace_back(context, *message);
                                         return std::string();
                                       });
    outbox_ =
        std::make_unique<MessageOutbox>(process_.ipc(), loop(), config_.services[0].server_incoming_sockname,
                                        config_.services[0].server_incoming_shm, 1s, nullptr);
  }
  void answer(std::uint64_t context) { outbox_->post(EventLoop::now(), context, response(context)); }
  std::string tell(const Parts& parts) {
    Requester teller(process_.ipc(), loop(), config_.services[0].server_incoming_sockname, 2s);
    std::string reply;
    teller.request(EventLoop::now(), parts,
                   [&](Time, std::optional<Parts> got) { reply = got ? got->front() : "no answer"; });
    run_until([&] { return !reply.empty(); });
    return reply;
  }
  EventLoop& loop() { return process_.loop(); }
  void run_until(const std::function<bool()>& done) {
    const Time give_up = EventLoop::now() + 8s;
    while (!done() && EventLoop::now() < give_up) loop().run_once(EventLoop::now() + 20ms);
    ASSERT_TRUE(done());
  }
  void connected() {
    run_until([&] { return vehicle_->quic->confirmed(); });
  }

  std::string folder_ = ::testing::TempDir() + "turbo_ce_" + std::to_string(getpid());
  QuicConfig config_;
  Process process_{{.name = "quic-server-test", .about = "", .config = ""}, {}};
  std::unique_ptr<Region> asked_, given_;
  std::unique_ptr<MessageInbox> inbox_;
  std::unique_ptr<MessageOutbox> outbox_;
  std::vector<std::pair<std::uint64_t, Bytes>> requests_;
  std::unique_ptr<CloudEnd> end_;
  std::unique_ptr<Vehicle> vehicle_;
};

TEST_F(CloudEndTest, HandsARequestToTheModelServerAndTheAnswerToWhoAsked) {
  start_model_server();
  connected();
  const auto other = join();
  run_until([&] { return other->quic->confirmed(); });
  const Buffer first = request(1, 100'000);
  vehicle_->ask(1, first, 5'000'000);
  run_until([&] { return requests_.size() == 1; });
  EXPECT_EQ(requests_[0].second, *first);
  other->ask(2, request(2, 10));
  run_until([&] { return requests_.size() == 2; });
  answer(2);
  run_until([&] { return !other->answered.empty(); });
  answer(1);
  run_until([&] { return !vehicle_->answered.empty(); });
  EXPECT_EQ(vehicle_->answered, std::vector<std::uint64_t>{1});
  EXPECT_EQ(other->answered, std::vector<std::uint64_t>{2});
}

TEST_F(CloudEndTest, AnAnswerGoesToTheVehicleWhoseRequestWasHandedOn) {
  start_model_server();
  connected();
  const auto other = join();
  run_until([&] { return other->quic->confirmed(); });
  vehicle_->ask(1, request(1, 10));
  run_until([&] { return requests_.size() == 1; });
  other->ask(1, request(1, 20));
  other->ask(2, request(2, 20));
  run_until([&] { return requests_.size() == 2; });
  EXPECT_EQ(requests_[1].first, 2u) << "the first is another vehicle's context";
  answer(1);
  run_until([&] { return !vehicle_->answered.empty(); });
  answer(2);
  run_until([&] { return !other->answered.empty(); });
  EXPECT_EQ(vehicle_->answered, std::vector<std::uint64_t>{1});
  EXPECT_EQ(other->answered, std::vector<std::uint64_t>{2});
}

TEST_F(CloudEndTest, DropsARequestWhoseBudgetHasRunOut) {
  start_model_server();
  connected();
  vehicle_->ask(1, request(1, 10), 0);
  vehicle_->ask(2, request(2, 10), 5'000'000);
  run_until([&] { return requests_.size() == 1; });
  EXPECT_EQ(requests_[0].first, 2u);
  run_until([&] { return !vehicle_->dropped.empty(); });
  EXPECT_EQ(vehicle_->dropped, std::vector<std::uint64_t>{1}) << "the vehicle is told";
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
  run_until([&] { return !requests_.empty() && requests_.back().first == 200; });
  answer(200);
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
  vehicle_->ask(5, request(5, 10));
  run_until([&] { return !requests_.empty() && requests_.back().first == 5; });
  answer(5);
  run_until([&] { return !vehicle_->answered.empty(); });
}

TEST_F(CloudEndTest, AnswersGarbageOfAModelServerWithAReason) {
  start_model_server();
  EXPECT_EQ(tell({""}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(tell({"1", "77777777"}).rfind("ERROR: ", 0), 0u);
  EXPECT_EQ(tell({"1", "64"}).rfind("ERROR: ", 0), 0u);
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
  run_until([&] { return good->quic->confirmed(); });
  good->frame(good->quic->open_stream().value(), {FrameType::kJunk, kJunkServiceId, 0, 0, 0},
              std::make_shared<Bytes>(50'000), true);
  good->ask(1, request(2, 10));  // not what its header says: dropped, no breach
  good->ask(3, request(3, 10));
  run_until([&] { return !requests_.empty(); });
  EXPECT_EQ(requests_[0].first, 3u);
  EXPECT_TRUE(good->lost.empty());
}

TEST_F(CloudEndTest, RefusesAServiceItDoesNotServeAndServesTheOthers) {
  start_model_server();
  vehicle_->services = 3;
  connected();
  const StreamId unserved = vehicle_->ask(7, request(7, 200'000, 3), kNoBudget, 3);
  vehicle_->ask(1, request(1, 10));
  run_until([&] { return requests_.size() == 1 && !vehicle_->refused.empty(); });
  EXPECT_EQ(requests_[0].first, 1u);
  EXPECT_EQ(vehicle_->refused, std::vector<int>{3});
  run_until([&] { return vehicle_->quic->unacknowledged_bytes(unserved) == 0; });
  answer(1);
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
  run_until([&] { return other->quic->confirmed(); });
  answer(1);
  run_until([&] { return outbox_->delivered() == 1; });
  EXPECT_TRUE(other->answered.empty());
}

}  // namespace
}  // namespace turbo
