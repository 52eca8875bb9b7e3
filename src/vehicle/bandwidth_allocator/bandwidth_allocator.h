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
#include "vehicle/bandwidth_allocator/allocation_messages.h"
#include "vehicle/bandwidth_allocator/rtt_choice.h"

namespace turbo {

// Reads the model table and makes the planner. Throws
// UsageError with one line of what is wrong with the table.
Planner make_planner(const BandwidthAllocatorConfig& config);

class BandwidthAllocator {
 public:
  static constexpr Duration kPeriod = std::chrono::milliseconds(500);
  static constexpr Duration kPingTimeout = std::chrono::milliseconds(100);

  // silence: after so long without a request every service is put on the vehicle.
  BandwidthAllocator(Process& process, const BandwidthAllocatorConfig& config, Planner planner,
                     Duration silence = 3 * kPeriod);
  BandwidthAllocator(const BandwidthAllocator&) = delete;

 private:
  std::optional<Parts> on_request(Time now, const Parts& parts);
  void on_ping(Time now, const AllocationRequest& request, const std::optional<Parts>& reply);
  void on_silence(Time now);
  double rtt_for(const AllocationRequest& request, const std::optional<Parts>& reply);
  std::string publish(const Decision& decision);
  void log_change(const Decision& decision);

  EventLoop& loop_;
  Planner planner_;
  RttChoice rtt_;
  Duration silence_;
  EventLoop::Id silence_timer_;
  std::vector<std::unique_ptr<Publisher>> clients_;
  Publisher diagnostics_;
  Requester ping_;
  std::string last_choices_;
  bool ping_is_silent_ = false, rtt_is_quics_ = false, quic_is_silent_ = true;
  Responder responder_;
};

}  // namespace turbo
