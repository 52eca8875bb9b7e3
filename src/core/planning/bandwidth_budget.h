#pragma once
// How much of the estimated bandwidth choices may need: the interface, and the plain rule of a fixed share.

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
  // Once for every report, which also says how the last choices did.
  virtual double budget_mbps(Time now, const LinkReport& report) = 0;
  // With which probability frames of the choices now made, which need so much together, are in time, by what
  // the last report said; nothing for a rule that makes no promise. Once for every decision: what comes true
  // is compared with it.
  virtual std::optional<double> promise(double needed_mbps) = 0;
};

class FixedShare final : public BandwidthBudget {
 public:
  explicit FixedShare(double share) : share_(share) {}  // 0 to 1
  std::string_view name() const override { return "share"; }
  double budget_mbps(Time, const LinkReport& report) override { return report.bandwidth_mbps * share_; }
  std::optional<double> promise(double) override { return std::nullopt; }

 private:
  double share_;
};

}  // namespace turbo
