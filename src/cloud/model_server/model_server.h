#pragma once
// One service's end in the cloud: requests in, answers out.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cloud/model_server/answerer.h"
#include "cloud/model_server/mailbox.h"
#include "process/server_config.h"
#include "transport/ipc/event_loop.h"
#include "transport/ipc/sockets.h"
#include "transport/shm/region.h"

namespace turbo {

// The loop's thread copies a request out of its region, verifies and acknowledges it at once; a worker thread
// answers the freshest one waiting; the loop's thread hands the answer to the QUIC server and waits for its
// ACK. It does not look at what is in a picture: that is the Answerer's.
class ModelServer {
 public:
  struct Counts {
    std::uint64_t requests = 0;  // acknowledged
    std::uint64_t refused = 0;   // answered with ERROR
    std::uint64_t replaced = 0;  // a fresher request, or answer, took its place
    std::uint64_t failed = 0;    // answers with the status Failed
    std::uint64_t delivered = 0;
    std::uint64_t undelivered = 0;  // not acknowledged in time, or refused by the QUIC server
  };

  ModelServer(IpcContext& ipc, EventLoop& loop, const ModelServerConfig& config, Answerer& answerer);
  ~ModelServer();
  ModelServer(const ModelServer&) = delete;

  const Counts& counts() const { return counts_; }

 private:
  struct Work {
    Time arrival;
    double deserialization_s = 0;
    ModelServerRequest request;
    std::vector<std::uint8_t> message;  // whole: header, padding, payload
  };

  std::optional<Parts> on_request(Time now, const Parts& parts);
  bool read_request(const SizeNotice& notice, Work& work, std::string& error);
  void answer_until_closed();  // the worker thread
  ModelServerResponse answer(const Work& work);
  void on_answer(Time now);
  void deliver(Time now);
  void on_acknowledged(const std::optional<Parts>& reply);

  ModelServerConfig config_;
  Answerer& answerer_;
  EventLoop& loop_;
  Region requests_region_;
  Region answers_region_;
  Requester answers_socket_;
  Counts counts_;
  std::vector<std::uint8_t> spare_;  // memory of a message that is done with
  std::optional<ModelServerResponse> waiting_answer_;
  bool peer_silent_ = false;
  Time quiet_until_{};
  std::string last_refusal_, last_failure_;  // logged when they change
  Mailbox<Work> work_;
  Mailbox<ModelServerResponse> answers_;
  int answer_event_ = -1;  // eventfd: answers_ holds one
  EventLoop::Id answer_source_ = 0;
  std::thread worker_;
  std::optional<Responder> requests_socket_;  // last: binds when all else is ready
};

}  // namespace turbo
