#pragma once
// Who gets how much of the link and sends what: asked every 100 ms, as the vehicle's allocator is. Other
// policies are replayed by implementing this.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

#include "core/bandwidth/delivery_rate_estimator.h"

namespace turbo::simulate {

inline constexpr Duration kAllocationInterval = std::chrono::milliseconds(100);

struct ServicePlan {
  double guaranteed_bps = 0;
  double limit_bps = std::numeric_limits<double>::infinity();
  double frame_bytes = 0;  // mean size of the frames from now on; 0: the camera's own
};

class AllocationPolicy {
 public:
  virtual ~AllocationPolicy() = default;
  // plans: as decided last, one for each service.
  virtual void decide(Time now, const LinkEstimate& report, std::span<ServicePlan> plans) = 0;
};

// The fixed configuration: every service is guaranteed the same, a given rate or its share of the estimate.
class EqualShares final : public AllocationPolicy {
 public:
  explicit EqualShares(double guaranteed_bps) : guaranteed_bps_(guaranteed_bps) {}
  void decide(Time, const LinkEstimate& report, std::span<ServicePlan> plans) override {
    const double share = report.rate_bps / static_cast<double>(std::max<std::size_t>(plans.size(), 1));
    for (ServicePlan& plan : plans) plan.guaranteed_bps = guaranteed_bps_ > 0 ? guaranteed_bps_ : share;
  }

 private:
  double guaranteed_bps_;  // 0: a share of the estimate
};

}  // namespace turbo::simulate
