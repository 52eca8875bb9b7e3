#pragma once
// Answers the QUIC client's {bw, rtt} with the best choice for every service, and tells it to the clients and
// the plotter. When the QUIC client is silent for three periods, every service is put on the vehicle.
// Single-threaded, on the process's loop. What is decided, and how, is core/planning's.

#include <memory>
#include <string>
#include <vector>

#include "core/planning/planner.h"
#include "process/client_config.h"
#include "process/process.h"
#include "process/trouble.h"
#include "vehicle/bandwidth_allocator/rtt_choice.h"

namespace turbo {

class BandwidthAllocator {
 public:
  static constexpr Duration kPeriod = std::chrono::milliseconds(500);
  static constexpr Duration kPingPeriod = std::chrono::milliseconds(250);
  static constexpr Duration kPingTimeout = std::chrono::milliseconds(200);

  // silence: after so long without a request every service is put on the vehicle.
  BandwidthAllocator(Process& process, const BandwidthAllocatorConfig& config, Planner planner,
                     Duration silence = 3 * kPeriod);
  BandwidthAllocator(const BandwidthAllocator&) = delete;

 private:
  Parts on_request(Time now, const Parts& parts);
  Parts refuse(const std::string& why);
  void ask_ping_handler(Time now);
  void drop_unknown_services(LinkReport& report);
  void on_silence(Time now);
  std::string publish(const Decision& decision);

  EventLoop& loop_;
  Planner planner_;
  RttChoice rtt_;
  Duration silence_;
  EventLoop::Id silence_timer_;
  std::vector<int> services_;
  std::vector<std::unique_ptr<Publisher>> clients_;
  Publisher diagnostics_;
  Requester ping_;
  std::string last_choices_;
  std::string last_rtt_source_ = "ping";
  bool ping_is_silent_ = false, quic_is_silent_ = true, unknown_told_ = false;
  Trouble report_trouble_;
  Responder responder_;
};

}  // namespace turbo
