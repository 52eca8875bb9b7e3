#pragma once
// The cloud's end in this process, with vehicles over real sockets and a model server's double.

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cloud/quic_server/cloud_end.h"
#include "tests/temporary_folder.h"
#include "transport/handoff/test_messages.h"
#include "transport/quic/quic_client.h"
#include "transport/quic/test_certificates.h"

namespace turbo::cloud_test {

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
  bool reads = true;
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
    read_on();
    timer = loop.timer([this](Time now) {
      quic->on_timer(now);
      arm();
    });
    arm();
  }
  ~Vehicle() override {
    quic->close(EventLoop::now());
    if (reads) loop.remove(source);
    loop.remove(timer);
  }
  void read_on() {
    source = loop.on_readable(quic->fd(), [this](Time now) {
      quic->on_readable(now);
      arm();
    });
    reads = true;
  }
  void read_no_more() {
    loop.remove(source);
    reads = false;
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
    config_.max_message_bytes = 1'000'000;
    config_.idle_timeout = 60s;
    config_.max_connections_per_vehicle = 100;  // one certificate serves all
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
    end_ = std::make_unique<CloudEnd>(process_, config_, HostPort{"127.0.0.1", 0}, folder_.path());
    vehicle_ = join();
  }
  // port: of a relay before the cloud's end.
  std::unique_ptr<Vehicle> join(std::uint16_t port = 0) {
    return std::make_unique<Vehicle>(loop(), certificates(), port ? port : end_->port());
  }
  std::string socket(const std::string& name) const { return "ipc://" + folder_ / name; }
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
                                         requests_.push_back({context, *message});
                                         return std::string();
                                       });
    outbox_ =
        std::make_unique<MessageOutbox>(process_.ipc(), loop(), config_.services[0].server_incoming_sockname,
                                        config_.services[0].server_incoming_shm, 1s, nullptr);
  }
  // By the id that the model server was given.
  void answer(std::uint64_t id) { outbox_->post(EventLoop::now(), id, response(id)); }
  // From now on all requests are answered, in their order, those from `first` on; so large are the answers.
  void answer_all(std::size_t first, std::size_t detections = 0) {
    next_answer_ = first;
    answer_detections_ = detections;
  }
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
    while (!done() && EventLoop::now() < give_up) {
      loop().run_once(EventLoop::now() + 20ms);
      answer_next();
    }
    ASSERT_TRUE(done());
  }
  void connected() { connected(*vehicle_); }
  void connected(const Vehicle& vehicle) {
    run_until([&] { return vehicle.quic->confirmed(); });
  }

  // What the model server got. Requests are told apart by the size of their image.
  struct Asked {
    std::uint64_t id = 0;
    Bytes message;
    std::size_t image_bytes() const { return split_message(message).payload.size(); }
  };

  test::TemporaryFolder folder_;
  QuicConfig config_;
  Process process_{{.name = "quic-server-test", .about = "", .config = ""}, {}};
  std::unique_ptr<Region> asked_, given_;
  std::unique_ptr<MessageInbox> inbox_;
  std::unique_ptr<MessageOutbox> outbox_;
  std::vector<Asked> requests_;
  std::unique_ptr<CloudEnd> end_;
  std::unique_ptr<Vehicle> vehicle_;

 private:
  void answer_next() {
    if (!outbox_ || outbox_->busy() || next_answer_ >= requests_.size()) return;
    const std::uint64_t id = requests_[next_answer_++].id;
    ModelServerResponse large{.context_id = id, .service_id = 1, .model_config = "td2-imgcompNone-inpcomp75"};
    large.detections.resize(answer_detections_);
    outbox_->post(EventLoop::now(), id, test::message_of(encode(large), 0));
  }

  std::size_t next_answer_ = std::numeric_limits<std::size_t>::max();
  std::size_t answer_detections_ = 0;
};

}  // namespace turbo::cloud_test
