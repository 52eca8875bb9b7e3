#include "lab/simulate/simulation.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "lab/simulate/cameras.h"
#include "lab/simulate/cloud.h"
#include "lab/simulate/vehicle.h"
#include "lab/simulate/waker.h"

namespace turbo::simulate {
namespace {

constexpr Time kBegin = Time(std::chrono::hours(1));
constexpr Duration kSampleInterval = std::chrono::milliseconds(100);
constexpr Duration kCapacityWindow = std::chrono::milliseconds(500);
constexpr int kMostStepsAtOnce = 1'000'000;

void require(double value, double low, double high, const char* name, const char* expected) {
  if (!(value >= low && value <= high))
    throw std::invalid_argument(std::string(name) + ": expected " + expected);
}

void check(const Scenario& scenario) {
  require(static_cast<double>(scenario.cameras.size()), 1, 1'000, "services", "1 to 1000");
  for (const CameraSettings& camera : scenario.cameras) {
    require(camera.frames_per_s, 0, 10'000, "frames per second", "0 (back to back) to 10000");
    require(seconds(camera.phase), 0, 86'400, "phase of a camera", "0 to 86400 s");
    require(camera.frame_bytes, 1, 1e8, "size of a frame", "1 byte to 100 MB");
    require(camera.size_spread, 0, 2, "spread of the sizes", "0 to 2");
    require(milliseconds(camera.compression_time), 0, 60'000, "time of compression", "0 to 60000 ms");
  }
  require(scenario.server.service_ms, 0, 60'000, "time of the server", "0 to 60000 ms");
  require(scenario.server.spread, 0, 2, "spread of the server's times", "0 to 2");
  require(static_cast<double>(scenario.server.answer_bytes), 1, 1e7, "size of an answer", "1 byte to 10 MB");
  require(seconds(scenario.duration), 0.1, 86'400, "duration", "0.1 s to a day");
  require(milliseconds(scenario.wake_time), 0, 1'000, "time to wake", "0 to 1000 ms");
  require(milliseconds(scenario.slo), 1, 1e300, "SLO", "1 ms or more");
  require(milliseconds(scenario.queue_slo), 1, 1e300, "SLO of the queue", "1 ms or more");
  require(static_cast<double>(scenario.packet_bytes), 1'200, 9'000, "size of a packet", "1200 to 9000 bytes");
  require(scenario.initial_mbps, 0.001, 1e5, "initial estimate", "0.001 to 100000 Mbit/s");
  require(scenario.guaranteed_mbps, 0, 1e5, "guaranteed rate",
          "0 (a share of the estimate) to 100000 Mbit/s");
  if (scenario.link.up.rate_mbps <= 0 && scenario.link.up.trace_path.empty() && !scenario.link.up.trace)
    throw std::invalid_argument("the uplink needs a rate over 0 or a trace; see --help");
}

SendSide::Settings quic_settings(const Scenario& scenario, std::uint64_t end) {
  return {.packet_bytes = scenario.packet_bytes,
          .handshake_rtt = from_milliseconds(scenario.link.up.delay_ms + scenario.link.down.delay_ms),
          .seed = scenario.seed * 2 + end};
}

class Simulation {
 public:
  Simulation(const Scenario& scenario, AllocationPolicy& policy)
      : scenario_(scenario),
        links_(make_link_pair(scenario.link, kBegin)),
        up_(std::move(links_.up), pool_),
        down_(std::move(links_.down), pool_),
        vehicle_(scenario, quic_settings(scenario, 0), kBegin, pool_, up_, wire_, policy, records_),
        cloud_(scenario, quic_settings(scenario, 1), kBegin, pool_, down_, wire_, records_.frames),
        cameras_(scenario, kBegin, records_),
        vehicle_wakes_(scenario.wake_time, scene::Dice(scenario.seed, 3)),
        cloud_wakes_(scenario.wake_time, scene::Dice(scenario.seed, 4)) {}

  Records run() {
    records_.began = kBegin;
    records_.ended = kBegin + scenario_.duration;
    cameras_.refill(kBegin, vehicle_);
    for (;;) {
      const Time up = cloud_wakes_.wakes_at(up_.next_departure());
      const Time down = vehicle_wakes_.wakes_at(down_.next_departure());
      const Time now = std::min({next_sample_, up, down, cameras_.next_deadline(), vehicle_.next_deadline(),
                                 cloud_.next_deadline()});
      if (now > records_.ended) break;
      steps_at_now_ = now == now_ ? steps_at_now_ + 1 : 0;
      if (steps_at_now_ > kMostStepsAtOnce) throw std::logic_error("a part has something to do for ever");
      now_ = now;
      step(now, up, down);
      ++records_.events;
    }
    vehicle_.finish();
    records_.packets_left = pool_.in_use();
    return std::move(records_);
  }

 private:
  void step(Time now, Time up, Time down) {
    if (now >= next_sample_) sample(now);
    if (now >= up) {
      cloud_.on_packets(now, up_);
      cloud_wakes_.slept();
    }
    if (now >= down) {
      vehicle_.on_packets(now, down_);
      vehicle_wakes_.slept();
    }
    if (now >= cloud_.next_deadline()) cloud_.on_timer(now);
    if (now >= cameras_.next_deadline()) cameras_.on_timer(now, vehicle_);
    if (now >= vehicle_.next_deadline()) vehicle_.on_timer(now);
    cameras_.refill(now, vehicle_);
  }

  void sample(Time now) {
    const LinkEstimate link = vehicle_.estimate(now);
    const double capacity =
        up_.model().capacity().bits_between(now - kCapacityWindow, now) / seconds(kCapacityWindow);
    const auto packet_bytes = static_cast<double>(scenario_.packet_bytes);
    records_.samples.push_back(
        {.at = now,
         .capacity_bps = capacity,
         .rate_bps = link.rate_bps,
         .low_bps = link.low_bps,
         .high_bps = link.high_bps,
         .payload_share = vehicle_.payload_share() * packet_bytes / (packet_bytes + Packet::kIpBytes),
         .window_bps = vehicle_.window_bps(),
         .app_limited = link.app_limited,
         .measured = link.samples > 0});
    next_sample_ += kSampleInterval;
  }

  const Scenario& scenario_;
  PacketPool pool_;
  LinkPair links_;
  Direction up_, down_;
  Wire wire_;
  Records records_;
  Vehicle vehicle_;
  Cloud cloud_;
  Cameras cameras_;
  Waker vehicle_wakes_, cloud_wakes_;
  Time next_sample_ = kBegin + kCapacityWindow;
  Time now_ = kBegin;
  int steps_at_now_ = 0;
};

}  // namespace

Records simulate(const Scenario& scenario, AllocationPolicy& policy) {
  check(scenario);
  return Simulation(scenario, policy).run();
}

Records simulate(const Scenario& scenario) {
  EqualShares policy(scenario.guaranteed_mbps * 1e6);
  return simulate(scenario, policy);
}

}  // namespace turbo::simulate
