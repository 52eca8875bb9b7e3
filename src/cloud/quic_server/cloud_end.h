#pragma once
// The cloud's end of the road: takes requests off the vehicles' streams, hands the freshest to each model
// server, and sends the answer to the connection that asked. One thread: the process's loop.
//
// A request comes on a one-way stream of its own: parser -> outbox (REQ remote-server-outgoing-N). Its
// answer: inbox (REP remote-server-incoming-N) -> table of who asked -> the service's stream. A stream that
// goes both ways says by its hello which service it is of; one of a service that is not served here is
// refused, alone. What a vehicle gave up (reset) is forgotten, and so is junk.

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
  std::string on_stream_data(ConnectionId connection, StreamId stream, std::span<const std::uint8_t> data,
                             bool end, Time now) override;
  void on_stream_reset(ConnectionId connection, StreamId stream, Time now) override;

 private:
  struct Service;
  struct FrameStream {
    FrameParser parser;
    Time began;
  };
  struct Vehicle {
    std::string name;                           // by its certificate
    std::map<StreamId, FrameParser> greetings;  // of streams that go both ways
    std::map<int, StreamId> services;           // those that were greeted
    std::map<StreamId, FrameStream> frames;     // being received
  };

  using Services = std::map<int, std::unique_ptr<Service>>;
  Services make_services(Process& process);
  std::string take_greeting(ConnectionId connection, StreamId stream, std::span<const std::uint8_t> data);
  std::string bind_service(ConnectionId connection, StreamId stream, int id);
  void send_header(ConnectionId connection, StreamId stream, const FrameHeader& header);
  std::string take_frame(ConnectionId connection, FrameStream& stream, Time now);
  std::string take_request(ConnectionId connection, FrameStream& stream, Service& service, Time now);
  void drop_request(ConnectionId connection, const FrameHeader& header);
  std::optional<StreamId> answer_stream(ConnectionId connection, int service) const;
  std::string take_response(Service& service, Time now, std::uint64_t context_id, const Buffer& message);
  void arm();

  QuicConfig config_;
  EventLoop& loop_;
  Services services_;  // before quic_: a second server is refused by its sockets, with the pid of the first
  std::map<ConnectionId, Vehicle> vehicles_;
  std::set<std::uint16_t> refusals_told_;  // services
  QuicServer quic_;
  EventLoop::Id timer_ = 0;
};

}  // namespace turbo
