#pragma once
// The simulated cloud: takes requests whose budget is not gone, runs one at a time for each service while the
// freshest waits, and answers.

#include <deque>
#include <optional>
#include <vector>

#include "lab/simulate/end.h"
#include "lab/simulate/records.h"
#include "lab/simulate/scenario.h"
#include "lab/simulate/stream_content.h"
#include "scene/dice.h"

namespace turbo::simulate {

class Cloud final : SendOwner, ReceiveOwner {
 public:
  Cloud(const Scenario& scenario, const SendSide::Settings& quic, Time now, PacketPool& pool, Direction& down,
        Wire& wire, std::vector<FrameRecord>& frames);

  void on_packets(Time now, Direction& from);  // all that have come
  void on_timer(Time now);
  Time next_deadline() const;

 private:
  struct Request {
    std::size_t frame;
    Time deadline;
    std::uint32_t connection;
  };
  struct Service {
    std::optional<Request> running, waiting;
    Time done_at = kNever;
  };

  std::optional<Turn> next_turn(Time now) override;
  void on_stream_begun(Time now, StreamId stream) override;
  void on_stream_complete(Time now, StreamId stream) override;

  void start(Time now, Service& service);
  void answer(Time now, const Request& request, bool dropped);

  ServerSettings settings_;
  scene::Dice dice_;
  Wire& wire_;
  std::vector<FrameRecord>& frames_;
  std::vector<Service> services_;
  std::vector<Time> deadlines_;   // by stream, from the moment its header came
  std::deque<StreamId> answers_;  // not all sent
  End end_;
};

}  // namespace turbo::simulate
