#pragma once
// The simulated vehicle's end: the core's uplink, estimator, watchdog and probe, wired to the transport as
// the vehicle's QUIC client wires them. Frames come in, answers come back.

#include <optional>
#include <vector>

#include "core/bandwidth/congestion_watchdog.h"
#include "core/bandwidth/delivery_rate_estimator.h"
#include "core/bandwidth/probe_policy.h"
#include "core/uplink/service_meter.h"
#include "core/uplink/uplink.h"
#include "lab/simulate/allocation_policy.h"
#include "lab/simulate/end.h"
#include "lab/simulate/records.h"
#include "lab/simulate/scenario.h"
#include "lab/simulate/stream_content.h"

namespace turbo::simulate {

class Vehicle final : SendOwner, ReceiveOwner {
 public:
  Vehicle(const Scenario& scenario, const SendSide::Settings& quic, Time now, PacketPool& pool, Direction& up,
          Wire& wire, AllocationPolicy& policy, Records& records);

  void on_frame(Time now, std::size_t frame);
  void on_packets(Time now, Direction& from);  // all that have come
  void on_timer(Time now);
  Time next_deadline() const { return next_deadline_; }

  // A frame waits to be started.
  bool waiting(std::size_t service) const;
  const std::string& config(std::size_t service) const { return plans_[service].config; }
  FrameOrder order(Time now, std::size_t service) { return policy_.order(now, service); }
  LinkEstimate estimate(Time now) const;  // of payload: what packets' headers take is taken off
  double payload_share() const;           // of the packets' bytes, lately
  double window_bps() const;
  void finish();  // writes what is counted into the records

 private:
  std::optional<Turn> next_turn(Time now) override;
  void on_stream_sent(Time now, StreamId stream, std::int64_t bytes) override;
  void on_packets_sent(Time now, std::int64_t bytes) override;
  void on_packets_acked(Time now, std::int64_t bytes, Duration latest_rtt) override;
  void on_packets_lost(Time now, std::int64_t bytes) override;
  void on_stream_complete(Time now, StreamId stream) override;

  void pump(Time now);
  void disconnect(Time now);
  void say_hello(Time now);
  Time silent_at() const;
  void start_frames(Time now);
  void look(Time now);
  void meter_ends();
  void check_path(Time now);
  void allocate(Time now);
  void probe(Time now);

  const Scenario& scenario_;
  Wire& wire_;
  AllocationPolicy& policy_;
  Records& records_;
  Uplink uplink_;
  DeliveryRateEstimator estimator_;
  CongestionWatchdog watchdog_;
  ProbePolicy probe_;
  std::vector<ServicePlan> plans_;
  std::vector<ServiceMeter> meters_;
  std::vector<std::optional<StreamId>> flights_;  // of the frame in flight, by service
  std::optional<StreamId> junk_;
  double payload_sent_ = 0, packets_sent_ = 0;  // bytes; what is old fades
  LinkView view_;
  Time looked_at_{};
  bool startable_ = false;  // a frame has left since start_frames
  Time next_allocation_, next_check_, next_probe_, next_deadline_;
  bool connected_ = true;
  Time life_;  // the last acknowledgement, or since when one is waited for
  Time next_hello_ = kNever;
  Duration hello_interval_{};
  End end_;
};

}  // namespace turbo::simulate
