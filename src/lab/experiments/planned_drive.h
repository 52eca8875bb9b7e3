#pragma once
// The planner in the simulator: asked every 500 ms with what the vehicle's QUIC client would report, its
// choices are what the cameras send.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/freshness/turns.h"
#include "core/planning/planner.h"
#include "lab/experiments/truth.h"
#include "lab/link/capacity.h"
#include "lab/simulate/allocation_policy.h"

namespace turbo::experiments {

// Of a link's bytes, what is left for frames.
double payload_share();

// What was done with one frame; in the order of the simulation's records.
struct Taken {
  std::size_t service = 0;
  std::int64_t frame = 0;  // of its camera
  std::size_t option = 0;  // the choice when it was captured
  bool sent = false;       // not: the choice is the vehicle's, or it is not this frame's turn
  std::optional<double> promised;
  bool tries = false;  // Decision::tries
};

class PlannedDrive final : public simulate::AllocationPolicy {
 public:
  // path_rtt: while the transport has not measured one. foreseen: the link, whose true mean rate of the
  // interval to come is told in place of the estimate; null: the estimate is. The truth and the link must
  // outlive this.
  PlannedDrive(Planner planner, const Truth& truth, Duration path_rtt, const Capacity* foreseen = nullptr);

  Duration interval() const override { return std::chrono::milliseconds(500); }
  void decide(Time now, const simulate::AllocationReport& report,
              std::span<simulate::ServicePlan> plans) override;
  simulate::FrameOrder order(Time captured, std::size_t service) override;

  const std::vector<Taken>& taken() const { return taken_; }
  std::uint64_t changes() const { return changes_; }  // decisions that changed what some service sends

 private:
  struct State {
    std::size_t option;
    Turns turns;
    std::int64_t frames = 0;
  };
  Planner planner_;
  const Truth& truth_;
  Duration path_rtt_;
  const Capacity* foreseen_;
  std::vector<State> states_;
  std::optional<double> promised_;
  bool tries_ = false;
  std::vector<Taken> taken_;
  std::uint64_t changes_ = 0;
};

}  // namespace turbo::experiments
