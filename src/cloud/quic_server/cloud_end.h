#pragma once
// The cloud's end of the road: takes requests off the vehicles' streams, hands the freshest to each model
// server, and sends the answer to the connection that asked. One thread: the process's loop.
//
// A service's request: QUIC stream -> parser -> outbox (REQ remote-server-outgoing-N). Its answer: inbox (REP
// remote-server-incoming-N) -> table of who asked -> QUIC stream. A stream says which service it is of by its
// hello. What comes on the junk service's is forgotten; one of a service that is not served here is refused,
// alone.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cloud/quic_server/asker_table.h"
#include "core/framing/frame_parser.h"
#include "process/process.h"
#include "process/quic_config.h"
#include "transport/handoff/message_inbox.h"
#include "transport/handoff/message_outbox.h"
#include "transport/quic/host_port.h"
#include "transport/quic/quic_server.h"

namespace turbo {

class CloudEnd : public QuicHandler {
 public:
  // Throws std::runtime_error: an address or a socket that is taken, a certificate that cannot be read.
  CloudEnd(Process& process, const QuicConfig& config, const HostPort& listen);
  ~CloudEnd() override;

  std::uint16_t port() const { return quic_.port(); }

  void on_connected(ConnectionId connection, Time now) override;
  void on_disconnected(ConnectionId connection, std::string_view reason, Time now) override;
  void on_notice(std::string_view text, Time now) override;
  std::string on_stream_data(ConnectionId connection, StreamIndex stream, std::span<const std::uint8_t> data,
                             Time now) override;

 private:
  struct Service;
  struct Stream {
    FrameParser parser;
    Service* service = nullptr;  // none yet, or the junk service
    std::optional<Time> frame_began = {};
    bool refused = false;
  };

  using Services = std::map<int, std::unique_ptr<Service>>;
  Services make_services(Process& process);
  std::string bind_stream(ConnectionId connection, StreamIndex index, Stream& stream);
  void refuse_stream(ConnectionId connection, StreamIndex index, Stream& stream);
  void take_request(ConnectionId connection, StreamIndex index, Stream& stream, Time now);
  std::string take_response(Service& service, Time now, std::uint64_t context_id, const Buffer& message);
  void arm();

  QuicConfig config_;
  EventLoop& loop_;
  Services services_;  // before quic_: a second server is refused by its sockets, with the pid of the first
  std::map<ConnectionId, std::map<StreamIndex, Stream>> streams_;
  std::map<ConnectionId, std::string> vehicles_;  // by the names in their certificates
  std::set<std::uint16_t> refusals_told_;         // services
  QuicServer quic_;
  EventLoop::Id timer_ = 0;
};

}  // namespace turbo
