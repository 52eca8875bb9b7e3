#pragma once
// Who gets how much of the link and sends what: asked at intervals, as the vehicle's allocator is. Other
// policies are replayed by implementing this.

#include <algorithm>
#include <limits>
#include <span>
#include <string>

#include "core/bandwidth/delivery_rate_estimator.h"
#include "core/uplink/service_meter.h"

namespace turbo::simulate {

struct AllocationReport {
  LinkEstimate link;  // of payload
  bool connected = true;
  std::span<ServiceMeter> meters;  // one for each service
};

struct ServicePlan {
  double guaranteed_bps = 0;
  double limit_bps = std::numeric_limits<double>::infinity();
  std::string config;  // with another, the service's meter begins anew
};

// What becomes of one frame of a camera.
struct FrameOrder {
  bool sent = true;       // false: it stays on the vehicle
  double mean_bytes = 0;  // 0: the camera's own
  double server_ms = -1;  // mean; below 0: the server's own
};

class AllocationPolicy {
 public:
  virtual ~AllocationPolicy() = default;
  virtual Duration interval() const { return std::chrono::milliseconds(100); }
  // plans: as decided last, one for each service.
  virtual void decide(Time now, const AllocationReport& report, std::span<ServicePlan> plans) = 0;
  virtual FrameOrder order(Time /*captured*/, std::size_t /*service*/) { return {}; }
};

// The fixed configuration: every service is guaranteed the same, a given rate or its share of the estimate.
class EqualShares final : public AllocationPolicy {
 public:
  explicit EqualShares(double guaranteed_bps) : guaranteed_bps_(guaranteed_bps) {}
  void decide(Time, const AllocationReport& report, std::span<ServicePlan> plans) override {
    const double share = report.link.rate_bps / static_cast<double>(std::max<std::size_t>(plans.size(), 1));
    for (ServicePlan& plan : plans) plan.guaranteed_bps = guaranteed_bps_ > 0 ? guaranteed_bps_ : share;
  }

 private:
  double guaranteed_bps_;  // 0: a share of the estimate
};

}  // namespace turbo::simulate
