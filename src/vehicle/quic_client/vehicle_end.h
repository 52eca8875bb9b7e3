#pragma once
// The vehicle's end of the road: takes requests from the clients and hands them to the CloudConnection,
// brings answers back, and tells the allocator what the link carries. One thread: the process's loop.
//
// A service's request: inbox (REP car-server-outgoing-N) -> uplink -> a one-way QUIC stream of its own. Its
// answer: the service's stream -> outbox (REQ car-server-incoming-N). A service that the cloud refuses is
// left alone until the next connection.

#include <memory>
#include <string>
#include <vector>

#include "process/process.h"
#include "process/quic_config.h"
#include "transport/handoff/message_inbox.h"
#include "transport/handoff/message_outbox.h"
#include "transport/quic/host_port.h"
#include "vehicle/quic_client/cloud_connection.h"
#include "vehicle/quic_client/frame_log.h"

namespace turbo {

class VehicleEnd : private CloudConnection::Owner {
 public:
  // frames.jsonl is written in run_folder. Throws std::runtime_error: a socket that is taken, a certificate
  // that cannot be read.
  VehicleEnd(Process& process, const QuicConfig& config, const HostPort& server,
             const std::string& run_folder);
  ~VehicleEnd() override;

 private:
  struct Service;

  void on_connected(Time now) override;
  void on_disconnected(std::string_view reason, Time now) override;
  void on_refused(std::size_t service, Time now) override;
  void on_end(const EndedFrame& ended) override;
  void on_answer(std::size_t service, std::uint64_t context_id, std::vector<std::uint8_t>& payload,
                 std::optional<Duration> cloud, Time now) override;

  void make_service(Process& process, const QuicServiceConfig& names);
  std::string take_request(std::size_t index, Time now, std::uint64_t context_id, const Buffer& message);
  void report_bandwidth(Time now);
  void apply_allocation(Time now, const std::optional<Parts>& reply);
  void publish_diagnostics(Time now);

  QuicConfig config_;
  EventLoop& loop_;
  std::vector<std::unique_ptr<Service>> services_;
  Requester allocator_;
  Publisher diagnostics_;
  FrameLog frames_;
  CloudConnection cloud_;
  std::string last_trouble_;
  std::string allocator_trouble_;
  Time diagnosed_at_;
  std::uint64_t junk_told_ = 0;
};

}  // namespace turbo
