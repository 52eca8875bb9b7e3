#pragma once
// How long the exact allocator takes to decide: from services, bandwidth and RTT to a choice for each, curves
// and all. Problems are those of lab/instances, each decided once.

#include <cstdint>
#include <vector>

#include "lab/instances/instances.h"

namespace turbo {

struct Decisions {
  InstanceKind kind = InstanceKind::kNoisy;
  std::size_t services = 3, configs = 23;
  int count = 1000;
  std::uint64_t seed = 1;
};

struct TimedDecision {
  Instance instance;  // neither without bandwidth nor with an unlimited one: those are easy
  double microseconds = 0, value = 0, needed_mbps = 0;
  bool exact = false;
};

// keep_instances: else they are not in the result, which for large ones would be much. The clock is the
// machine's steady one.
std::vector<TimedDecision> time_decisions(const Decisions& wanted, bool keep_instances);

// The same problems as a vehicle's whole planner decides them, which weighs many allocations: by the policy
// live and for what is expected to come true. In microseconds; each by a planner that has decided once
// before.
std::vector<double> time_plans(const Decisions& wanted);

}  // namespace turbo
