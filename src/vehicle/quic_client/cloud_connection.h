#pragma once
// The QUIC side of the vehicle's end: keeps a connection to the cloud, puts the frames that the uplink picks
// on streams of their own, resets those that it gives up, measures the link and probes it. What it knows of
// clients, regions and the allocator is nothing. In the loop's thread.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/bandwidth/congestion_watchdog.h"
#include "core/bandwidth/delivery_rate_estimator.h"
#include "core/bandwidth/probe_policy.h"
#include "core/framing/frame.h"
#include "core/uplink/uplink.h"
#include "transport/ipc/event_loop.h"
#include "transport/quic/quic_client.h"
#include "vehicle/quic_client/cloud_streams.h"

namespace turbo {

class CloudConnection : private QuicHandler {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_connected(Time now) = 0;
    virtual void on_disconnected(std::string_view reason, Time now) = 0;
    virtual void on_refused(std::size_t service, Time now) = 0;  // until the next connection
    // What became of a frame; kAnswered and kDroppedByCloud come after kSent.
    virtual void on_end(const EndedFrame& ended) = 0;
    // The payload may be swapped with a buffer of one's own. cloud: from the frame's last byte to its answer,
    // less an RTT; nothing when it is not known (any more).
    virtual void on_answer(std::size_t service, std::uint64_t context_id, std::vector<std::uint8_t>& payload,
                           std::optional<Duration> cloud, Time now) = 0;
  };
  struct Settings {
    QuicClientConfig quic;
    Uplink::Settings uplink;
    std::vector<Uplink::ServiceSettings> services;
    DeliveryRateEstimator::Settings estimator;
    ProbePolicy::Settings probe;
    Duration probe_interval{};  // how often it is looked at
    std::uint32_t max_answer_bytes = 0;
  };
  // Of one service, since the start.
  struct Traffic {
    std::uint64_t sent_bytes = 0, received_bytes = 0;
    std::uint64_t dropped_by_cloud = 0;  // requests whose budget was gone there
  };

  // Begins to connect. Throws std::runtime_error: a certificate that cannot be read.
  CloudConnection(EventLoop& loop, Settings settings, Owner& owner);
  ~CloudConnection() override;

  // The message is sent from where it lies. Dropped when the cloud refuses this service.
  void send_frame(Time now, std::size_t service, std::uint64_t context_id,
                  std::shared_ptr<const std::vector<std::uint8_t>> message, Time deadline);
  void set_allocation(Time now, std::size_t service, double guaranteed_bps, double limit_bps);
  // From a frame's last byte to its answer, less an RTT, as expected of the next one.
  void set_cloud_time(std::size_t service, Duration expected) { uplink_.set_server_time(service, expected); }

  bool connected() const { return quic_.confirmed(); }
  // Of payload: what packets' headers take is taken off.
  LinkEstimate estimate(Time now) const;
  QuicInfo info() const { return quic_.info(); }
  const Uplink& uplink() const { return uplink_; }
  const Traffic& traffic(std::size_t service) const { return services_[service].traffic; }
  std::uint64_t junk_bytes() const { return junk_bytes_; }
  std::uint64_t congestion_restarts() const { return watchdog_.verdicts(); }

 private:
  struct Sent {  // a frame, and when its last byte left
    std::uint64_t context_id = 0;
    Time arrived, started, at;
    std::int64_t bytes = 0;
  };
  struct Service {
    std::optional<StreamId> frame_stream = {};  // of the frame in flight
    Sent frame = {};                            // and which it is
    std::array<Sent, 8> sent = {};
    std::size_t next_sent = 0;
    Traffic traffic = {};
  };

  void on_connected(ConnectionId connection, Time now) override;
  void on_confirmed(ConnectionId connection, Time now) override;
  void on_path_changed(ConnectionId connection, Time now) override;
  void on_disconnected(ConnectionId connection, std::string_view reason, Time now) override;
  std::string on_stream_data(ConnectionId connection, StreamId stream, std::span<const std::uint8_t> data,
                             bool end, Time now) override;
  std::optional<StreamTurn> next_turn(ConnectionId connection, Time now) override;
  void on_sent(ConnectionId connection, StreamId stream, std::uint64_t bytes, Time now) override;
  void on_flight(ConnectionId connection, const Flight& flight, Time now) override;

  LinkView link_view(Time now) const;
  double payload_share() const;
  void pump(Time now);
  bool start_frames(Time now);
  void cancel_frames(Time now);
  void arm(Time now);
  void probe(Time now);
  void watch_congestion(Time now);
  void stop_junk();
  void take_answer(Service& service, std::size_t index, Time now);
  static EndedFrame end_of(std::size_t index, const Sent& sent, FrameEnd end, Time now);
  static const Sent* find_sent(const Service& service, std::uint64_t context_id);
  void tell_ends();

  EventLoop& loop_;
  Settings settings_;
  Owner& owner_;
  std::vector<Service> services_;
  CloudStreams streams_;
  Uplink uplink_;
  DeliveryRateEstimator estimator_;
  ProbePolicy probe_;
  CongestionWatchdog watchdog_;
  std::optional<StreamId> junk_stream_;
  std::uint64_t junk_bytes_ = 0;
  double payload_sent_ = 0, packets_sent_ = 0;  // bytes; what is old fades
  QuicClient quic_;
  EventLoop::Id timer_ = 0;
};

}  // namespace turbo
