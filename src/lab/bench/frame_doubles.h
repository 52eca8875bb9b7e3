#pragma once
// Stand-ins for everybody that the two QUIC ends talk to, so that the ends are measured as the real processes
// that they are: a client that offers frames of one size at one rate, a model server that answers after a
// fixed time and is never busy, and an allocator. All in one process and one loop, so that one clock times
// both sides of the road.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lab/bench/frame_record.h"
#include "transport/handoff/message_inbox.h"
#include "transport/handoff/message_outbox.h"

namespace turbo {

struct RoadNames {  // of one service
  std::string zmq_dir;
  int service_id = 1;
};

class ClientDouble {
 public:
  struct Offer {
    std::uint32_t frame_bytes = 40'000;
    Duration interval = std::chrono::milliseconds(100);
    Duration first_after{};
    Duration slo{};  // the answer is wanted so long after hand-over; 0: whenever
  };
  // Makes the client's regions and sockets. Throws std::runtime_error.
  ClientDouble(IpcContext& ipc, EventLoop& loop, const RoadNames& names, std::size_t service,
               const Offer& offer, FrameRecord& record);
  void begin(Time now);
  void end() { ended_ = true; }  // offers no more

 private:
  void offer(Time now);

  EventLoop& loop_;
  FrameRecord& record_;
  std::size_t service_;
  int service_id_;
  Offer offer_;
  Region out_, back_;
  MessageOutbox requests_;
  MessageInbox answers_;
  BufferPool messages_;
  EventLoop::Id timer_;
  Time next_{};
  bool ended_ = false;
};

class ModelDouble {
 public:
  // Makes the model server's regions and sockets. Throws std::runtime_error.
  ModelDouble(IpcContext& ipc, EventLoop& loop, const RoadNames& names, Duration service_time,
              FrameRecord& record);

 private:
  void answer(std::uint64_t context_id, Time now);

  EventLoop& loop_;
  FrameRecord& record_;
  int service_id_;
  Duration service_time_;
  Region in_, out_;
  MessageOutbox answers_;
  MessageInbox requests_;
};

// Answers each {bw, rtt} with fixed rates, or with equal shares of the bw; records what it was told.
class AllocatorDouble {
 public:
  AllocatorDouble(IpcContext& ipc, EventLoop& loop, const std::string& zmq_dir, std::vector<int> service_ids,
                  std::vector<double> rates_mbps, FrameRecord& record);

 private:
  Parts allocate(Time now, const Parts& request);

  std::vector<int> service_ids_;
  std::vector<double> rates_mbps_;  // empty: equal shares
  FrameRecord& record_;
  Responder responder_;
};

}  // namespace turbo
