#pragma once
// The cloud's end of the road: takes requests off the vehicles' streams, hands them to the model servers, the
// vehicles in turn, and sends each answer to the vehicle that asked. One thread: the process's loop.
//
// A request comes on a one-way stream of its own: VehicleStreams -> ModelService. Its answer goes back on the
// service's stream, which says by its hello which service it is of; one of a service that is not served here
// is refused, alone. What a vehicle gave up (reset) is forgotten, and so is junk. A vehicle that breaks the
// protocol, or takes more than its share, loses its connection, or the request in question, and nobody else
// anything.

#include <map>
#include <memory>
#include <set>
#include <string>

#include "cloud/quic_server/model_service.h"
#include "cloud/quic_server/vehicle_streams.h"
#include "process/process.h"
#include "process/quic_config.h"
#include "transport/quic/host_port.h"
#include "transport/quic/quic_server.h"

namespace turbo {

class CloudEnd : public QuicHandler {
 public:
  static constexpr std::uint32_t kMaxVehicles = 64;

  // requests.jsonl is written in run_folder. Throws std::runtime_error: an address or a socket that is taken,
  // a certificate that cannot be read.
  CloudEnd(Process& process, const QuicConfig& config, const HostPort& listen, const std::string& run_folder);
  ~CloudEnd() override;

  std::uint16_t port() const { return quic_.port(); }

  void on_connected(ConnectionId connection, Time now) override;
  void on_disconnected(ConnectionId connection, std::string_view reason, Time now) override;
  void on_notice(std::string_view text, Time now) override;
  std::string on_stream_data(ConnectionId connection, StreamId stream, std::span<const std::uint8_t> data,
                             bool end, Time now) override;
  void on_stream_reset(ConnectionId connection, StreamId stream, Time now) override;

 private:
  struct Vehicle {
    std::string name;  // in its certificate
    VehicleStreams streams;
    std::uint64_t requests = 0, answers = 0, dropped = 0;  // taken; sent; dropped unread, and told
  };
  using Services = std::map<int, std::unique_ptr<ModelService>>;
  Services make_services(Process& process);
  Vehicle& vehicle(ConnectionId connection);
  void greet(ConnectionId connection, std::uint16_t service);
  void take_request(ConnectionId connection, VehicleStreams& streams, Time now);
  void tell_dropped(ConnectionId connection, std::uint16_t service, std::uint64_t context_id);
  void send(ConnectionId connection, const FrameHeader& header, const Buffer& payload);
  void arm();

  QuicConfig config_;
  EventLoop& loop_;
  RequestLog log_;
  // Before quic_: a second server is refused by its sockets, with the pid of the first.
  Services services_;
  std::map<ConnectionId, Vehicle> vehicles_;
  std::set<std::uint16_t> refusals_told_;  // services
  QuicServer quic_;
  EventLoop::Id timer_ = 0;
};

}  // namespace turbo
