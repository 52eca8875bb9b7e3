#pragma once
// The vehicle's end of the road: takes requests from the clients, sends them as fresh as the link and the
// allocator allow, brings answers back, and tells the allocator what the link carries. One thread: the
// process's loop.
//
// A service's request: inbox (REP car-server-outgoing-N) -> uplink (newest first, rate) -> a one-way QUIC
// stream of its own. Its answer: the service's stream -> parser -> outbox (REQ car-server-incoming-N). The
// streams that go both ways are the services, in the order of the configuration; junk has one-way streams. A
// service that the cloud refuses is left alone until the next connection.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/bandwidth/bandwidth_estimator.h"
#include "core/framing/frame_parser.h"
#include "process/process.h"
#include "process/quic_config.h"
#include "transport/handoff/message_inbox.h"
#include "transport/handoff/message_outbox.h"
#include "transport/quic/host_port.h"
#include "transport/quic/quic_client.h"
#include "vehicle/quic_client/link_probe.h"
#include "vehicle/quic_client/service_uplink.h"

namespace turbo {

class VehicleEnd : public QuicHandler {
 public:
  // Throws std::runtime_error: a socket that is taken, a certificate that cannot be read.
  VehicleEnd(Process& process, const QuicConfig& config, const HostPort& server);
  ~VehicleEnd() override;

  void on_connected(ConnectionId connection, Time now) override;
  void on_confirmed(ConnectionId connection, Time now) override;
  void on_disconnected(ConnectionId connection, std::string_view reason, Time now) override;
  std::string on_stream_data(ConnectionId connection, StreamId stream, std::span<const std::uint8_t> data,
                             bool end, Time now) override;
  std::optional<StreamTurn> next_turn(ConnectionId connection, Time now) override;
  void on_sent(ConnectionId connection, StreamId stream, std::uint64_t bytes, Time now) override;
  void on_flight(ConnectionId connection, const Flight& flight, Time now) override;

 private:
  struct Service;

  void make_service(Process& process, const QuicServiceConfig& names, Time now);
  std::string take_request(Service& service, Time now, std::uint64_t context_id, const Buffer& message);
  void take_response(Service& service, Time now);
  void take_refusal(Service& service, Time now);
  bool sends_frames() const;
  void stop_junk();
  void pump(Time now);
  void arm(Time now);
  void probe(Time now);
  void report_bandwidth(Time now);
  void apply_allocation(Time now, const std::optional<Parts>& reply);
  void publish_diagnostics(Time now);

  QuicConfig config_;
  EventLoop& loop_;
  std::vector<std::unique_ptr<Service>> services_;
  BandwidthEstimator estimator_;
  LinkProbe probe_;
  Requester allocator_;
  Publisher diagnostics_;
  QuicClient quic_;
  EventLoop::Id timer_ = 0;
  std::string last_trouble_;
  std::string allocator_trouble_;
  std::optional<StreamId> junk_stream_;
  std::size_t last_turn_ = 0;
  std::uint64_t junk_sent_ = 0;
  Time diagnosed_at_;
};

}  // namespace turbo
