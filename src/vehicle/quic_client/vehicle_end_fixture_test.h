#pragma once
// The vehicle's end with this test as all of its peers: cloud, clients, allocator, plotter.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "transport/handoff/test_messages.h"
#include "transport/quic/quic_server.h"
#include "transport/quic/test_certificates.h"
#include "transport/shm/message_region.h"
#include "vehicle/quic_client/vehicle_end.h"

namespace turbo {
namespace test {

using namespace std::chrono_literals;

// The cloud, as far as a vehicle can tell.
struct Cloud : QuicHandler {
  struct Got {
    FrameHeader header;
    std::vector<std::uint8_t> payload;
    Time at;
  };
  EventLoop& loop;
  std::unique_ptr<QuicServer> server;
  EventLoop::Id source = 0, timer = 0;
  std::map<std::pair<ConnectionId, StreamId>, FrameParser> parsers;
  std::map<std::pair<ConnectionId, int>, StreamId> answers_on;  // by service
  int resets = 0;
  std::vector<Got> requests, hellos, junk;
  bool answers = true;
  int refuses = 0;  // this service

  Cloud(EventLoop& l, const TestCertificates& certificates, std::uint16_t port) : loop(l) {
    server = std::make_unique<QuicServer>(
        QuicServerConfig{"127.0.0.1", port, certificates.certificate(), certificates.key(), {}}, *this);
    source = loop.on_readable(server->fd(), [this](Time now) {
      server->on_readable(now);
      arm();
    });
    timer = loop.timer([this](Time now) {
      server->on_timer(now);
      arm();
    });
  }
  ~Cloud() override {
    loop.remove(source);
    loop.remove(timer);
  }
  void arm() {
    if (server->next_deadline() != Time::max()) loop.arm(timer, server->next_deadline());
  }
  void on_connected(ConnectionId, Time) override {}
  void on_disconnected(ConnectionId, std::string_view, Time) override {}
  void on_stream_reset(ConnectionId, StreamId, Time) override { ++resets; }
  std::string on_stream_data(ConnectionId id, StreamId stream, std::span<const std::uint8_t> data, bool,
                             Time now) override {
    FrameParser& parser = parsers
                              .try_emplace({id, stream},
                                           is_unidirectional(stream) ? frame_stream(50'000'000, 4 << 20)
                                                                     : service_stream_at_cloud(),
                                           std::nullopt)
                              .first->second;
    while (!data.empty()) {
      const auto step = parser.feed(data);
      if (step == FrameParser::Step::kError) {
        ADD_FAILURE() << describe(parser.error());
        return "bad frame";
      }
      if (step == FrameParser::Step::kFrame) take(id, stream, {parser.header(), parser.payload(), now});
    }
    return {};
  }
  void take(ConnectionId id, StreamId stream, Got got) {
    const FrameHeader header = got.header;
    auto& list = header.type == FrameType::kHello  ? hellos
                 : header.type == FrameType::kJunk ? junk
                                                   : requests;
    list.push_back(std::move(got));
    if (header.type == FrameType::kHello) answers_on[{id, header.service_id}] = stream;
    if (header.type == FrameType::kHello && header.service_id == refuses) {
      auto refusal = std::make_shared<std::vector<std::uint8_t>>(kFrameHeaderBytes);
      encode({FrameType::kRefusal, header.service_id, 0, kNoBudget, 0},
             std::span<std::uint8_t, kFrameHeaderBytes>(refusal->data(), kFrameHeaderBytes));
      server->send(id, stream, refusal);
    }
    if (header.type != FrameType::kRequest || !answers) return;
    const Buffer answer = response(header.context_id, header.service_id);
    auto raw = std::make_shared<std::vector<std::uint8_t>>(kFrameHeaderBytes);
    encode({FrameType::kResponse, header.service_id, header.context_id, kNoBudget,
            static_cast<std::uint32_t>(answer->size())},
           std::span<std::uint8_t, kFrameHeaderBytes>(raw->data(), kFrameHeaderBytes));
    server->send(id, answers_on.at({id, header.service_id}), raw);
    server->send(id, answers_on.at({id, header.service_id}), answer);
  }
};

class VehicleEndTest : public ::testing::Test {
 protected:
  static std::uint16_t free_port() {
    struct Nothing : QuicHandler {
      void on_connected(ConnectionId, Time) override {}
      void on_disconnected(ConnectionId, std::string_view, Time) override {}
      std::string on_stream_data(ConnectionId, StreamId, std::span<const std::uint8_t>, bool, Time) override {
        return {};
      }
    } nothing;
    return QuicServer({"127.0.0.1", 0, certificates().certificate(), certificates().key(), {}}, nothing)
        .port();
  }
  static const TestCertificates& certificates() {
    static const TestCertificates made;
    return made;
  }

  VehicleEndTest() {
    std::filesystem::create_directories(folder_);
    config_.slo_timeout = 30s;  // by default no frame is late: longer than a test waits
    config_.request_slo = 30s;
    config_.logging_interval = 50ms;
    config_.init_allocation_bytes_per_s = 10e6;
    config_.bw_update_interval = 50ms;
    config_.junk_restart_interval = 50ms;
    config_.junk_tx_loop_interval = 20ms;
    config_.max_junk_payload_bits = 400e3;
    config_.junk_max_share = 0.5;
    config_.max_message_bytes = 1'000'000;
    config_.idle_timeout = 60s;
    config_.server_name = "turbo-server";
    config_.ca_certificate_path = certificates().ca();
    config_.vehicle_certificate_path = certificates().vehicle_certificate();
    config_.vehicle_private_key_path = certificates().vehicle_key();
    config_.bw_service_sockname = socket("bw");
    config_.diagnostics_sockname = socket("diagnostics");
    for (const int id : {1, 2}) {
      QuicServiceConfig names;
      names.service_id = id;
      names.client_outgoing_sockname = socket("out" + std::to_string(id));
      names.client_incoming_sockname = socket("in" + std::to_string(id));
      names.client_incoming_shm = region("in" + std::to_string(id));
      names.client_outgoing_shm = region("out" + std::to_string(id));
      config_.services.push_back(names);
    }
  }
  ~VehicleEndTest() override { std::filesystem::remove_all(folder_); }

  std::string socket(const std::string& name) const { return "ipc://" + folder_ + "/" + name; }
  static std::string region(const std::string& name) {
    return "turbo-ve-" + std::to_string(getpid()) + "-" + name;
  }

  void start_end() {
    end_ = std::make_unique<VehicleEnd>(process_, config_, HostPort{"127.0.0.1", port_}, folder_);
  }
  void start_cloud() { cloud_ = std::make_unique<Cloud>(loop(), certificates(), port_); }
  void start_client() {
    given_ = std::make_unique<Region>(config_.services[0].client_incoming_shm, 1'000'000);
    taken_ = std::make_unique<Region>(config_.services[0].client_outgoing_shm, 1'000'000);
    client_ =
        std::make_unique<MessageOutbox>(process_.ipc(), loop(), config_.services[0].client_outgoing_sockname,
                                        config_.services[0].client_incoming_shm, 1s, nullptr);
    answers_ =
        std::make_unique<MessageInbox>(process_.ipc(), loop(), config_.services[0].client_incoming_sockname,
                                       config_.services[0].client_outgoing_shm, 1'000'000,
                                       [this](Time, std::uint64_t context, const Buffer&) {
                                         answered_.push_back(context);
                                         return std::string();
                                       });
  }
  void start_allocator(const std::string& reply) {
    allocator_.reset();
    allocator_context_ = std::make_unique<IpcContext>();  // of its own: a context keeps what it has bound
    allocator_ = std::make_unique<Responder>(*allocator_context_, loop(), config_.bw_service_sockname,
                                             [this, reply](Time, const Parts& parts) {
                                               reports_.push_back(nlohmann::json::parse(parts.at(0)));
                                               return Parts{reply};
                                             });
  }
  void start_plotter() {
    plotter_ = std::make_unique<Subscriber>(
        process_.ipc(), loop(), config_.diagnostics_sockname,
        [this](Time, const std::string& text) { shown_.push_back(nlohmann::json::parse(text)); });
  }
  EventLoop& loop() { return process_.loop(); }
  void run_until(const std::function<bool()>& done) {
    const Time give_up = EventLoop::now() + 20s;
    while (!done() && EventLoop::now() < give_up) loop().run_once(EventLoop::now() + 20ms);
    ASSERT_TRUE(done());
  }
  void connect() {
    run_until([&] { return cloud_->hellos.size() >= 2; });
  }
  std::string ask(const Parts& parts) {
    Requester asker(process_.ipc(), loop(), config_.services[0].client_outgoing_sockname, 2s);
    std::string answer;
    asker.request(EventLoop::now(), parts,
                  [&](Time, std::optional<Parts> reply) { answer = reply ? reply->front() : "no answer"; });
    run_until([&] { return !answer.empty(); });
    return answer;
  }

  std::string folder_ = ::testing::TempDir() + "turbo_ve_" + std::to_string(getpid());
  QuicConfig config_;
  std::uint16_t port_ = free_port();
  Process process_{{.name = "quic-client-test", .about = "", .config = ""}, {}};
  std::unique_ptr<Cloud> cloud_;
  std::unique_ptr<Region> given_, taken_;
  std::unique_ptr<MessageOutbox> client_;
  std::unique_ptr<MessageInbox> answers_;
  std::unique_ptr<IpcContext> allocator_context_;
  std::unique_ptr<Responder> allocator_;
  std::unique_ptr<Subscriber> plotter_;
  std::vector<std::uint64_t> answered_;
  std::vector<nlohmann::json> reports_, shown_;
  std::unique_ptr<VehicleEnd> end_;
};

}  // namespace test
}  // namespace turbo
