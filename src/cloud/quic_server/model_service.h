#pragma once
// One service in the cloud: the vehicles' requests to its model server, and the answers back to whoever
// asked. A request: take -> desk -> outbox (REQ remote-server-outgoing-N). An answer: inbox (REP
// remote-server-incoming-N) -> desk -> the owner. In the loop's thread; it knows nothing of streams.

#include <functional>
#include <string>
#include <vector>

#include "cloud/quic_server/request_desk.h"
#include "cloud/quic_server/request_log.h"
#include "core/framing/frame.h"
#include "process/process.h"
#include "process/quic_config.h"
#include "transport/handoff/message_inbox.h"
#include "transport/handoff/message_outbox.h"

namespace turbo {

class ModelService {
 public:
  // message: the response, with the asker's own context id.
  using OnAnswer = std::function<void(Time now, const RequestDesk::Asker& asker, const Buffer& message)>;
  // The budget of a request ran out before the model server had it.
  using OnDropped = std::function<void(Time now, const RequestDesk::Asker& asker)>;

  // Throws std::runtime_error: a socket that is taken.
  ModelService(Process& process, const QuicServiceConfig& names, std::uint64_t max_message_bytes,
               RequestLog& log, OnAnswer on_answer, OnDropped on_dropped);

  int id() const { return id_; }
  // A request as it came: header and payload of its frame, which is taken. deadline: by which the model
  // server must have it. One that is not what its header says is dropped, and told of once.
  void take(Time now, ConnectionId vehicle, const FrameHeader& header, std::vector<std::uint8_t>& payload,
            Time deadline);
  void forget(ConnectionId vehicle) { desk_.forget(vehicle); }

 private:
  void drop_bad(const std::string& why);
  void hand_on(Time now);
  std::string take_response(Time now, std::uint64_t id, const Buffer& message);

  int id_;
  EventLoop& loop_;
  RequestLog& log_;
  OnAnswer on_answer_;
  OnDropped on_dropped_;
  RequestDesk desk_;
  BufferPool requests_;
  std::uint64_t with_outbox_ = 0;  // what is being handed on, by its id there
  bool handing_on_ = false;
  bool bad_request_told_ = false;
  EventLoop::Id timer_;
  MessageOutbox outbox_;
  MessageInbox inbox_;
};

}  // namespace turbo
