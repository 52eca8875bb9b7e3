#pragma once
// How much of the link choices may need, and how likely their frames are then in time: the interface, and the
// plain rule that believes in a fixed share of the estimate.

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/planning/link_report.h"
#include "core/time.h"

namespace turbo {

class BandwidthBudget {
 public:
  BandwidthBudget() = default;
  BandwidthBudget(const BandwidthBudget&) = delete;
  BandwidthBudget& operator=(const BandwidthBudget&) = delete;
  virtual ~BandwidthBudget() = default;
  virtual std::string_view name() const = 0;
  // Once for every report while there is a connection. It also says what became of frames: a rule that learns
  // from them adds up all_finished and all_in_time of the services (core/uplink/service_meter.h says what
  // counts; often it is none), which belong to what was promised when they were handed over, not to the last
  // promise.
  virtual void learn(Time now, const LinkReport& report) = 0;
  // The rest is by what the last report said. More than this no choice is to need; at most the estimate.
  virtual double most_mbps() const = 0;
  // The same for a choice that is not in force yet: a rise may have to last.
  virtual double most_for_new_mbps() const { return most_mbps(); }
  // The share of frames that are in time under choices that need so much together, 0 to 1; nothing for a rule
  // that forecasts nothing: it thinks that they are.
  virtual std::optional<double> chance(double needed_mbps) const = 0;
  // Choices with less of a chance are not to be made.
  virtual double least_chance() const { return 0; }
  // least_chance() is 0 for now, to learn of the link.
  virtual bool tries() const { return false; }
  // Once for every decision: the choices made need so much together; 0: all are the vehicle's. With which
  // probability their frames are in time, which is then compared with what comes true; nothing where nothing
  // is sent or forecast.
  virtual std::optional<double> promise(double needed_mbps) = 0;
};

// Choices that need at most a share of the estimate are thought to be in time. A rise of the estimate counts
// once two reports agree on it.
class FixedShare final : public BandwidthBudget {
 public:
  explicit FixedShare(double share) : share_(share) {}  // 0 to 1
  std::string_view name() const override { return "share"; }
  void learn(Time now, const LinkReport& report) override {
    if (!seen_at_ || now - *seen_at_ >= kApart) {
      before_mbps_ = seen_at_ ? now_mbps_ : report.bandwidth_mbps;
      seen_at_ = now;
    }
    now_mbps_ = report.bandwidth_mbps;
  }
  double most_mbps() const override { return share_ * now_mbps_; }
  double most_for_new_mbps() const override { return share_ * std::min(before_mbps_, now_mbps_); }
  std::optional<double> chance(double) const override { return std::nullopt; }
  std::optional<double> promise(double) override { return std::nullopt; }

 private:
  static constexpr Duration kApart = std::chrono::milliseconds(200);  // else reports are of one moment
  double share_;
  std::optional<Time> seen_at_;
  double before_mbps_ = 0, now_mbps_ = 0;
};

}  // namespace turbo
