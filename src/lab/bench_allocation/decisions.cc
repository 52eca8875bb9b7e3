#include "lab/bench_allocation/decisions.h"

#include <chrono>
#include <cmath>

#include "core/allocation/exact.h"
#include "core/planning/planner.h"
#include "core/planning/policy_names.h"

namespace turbo {
namespace {

constexpr int kWarmUp = 20;

// The next that is not easy: neither without bandwidth nor with an unlimited one.
Instance next_instance(const Decisions& wanted, std::uint64_t* seed) {
  for (;;) {
    Instance instance = make_instance(wanted.kind, wanted.services, wanted.configs, (*seed)++);
    if (instance.bandwidth_mbps > 0 && !std::isinf(instance.bandwidth_mbps)) return instance;
    if (wanted.configs > 1) continue;
    instance.bandwidth_mbps = 1;  // one configuration needs nothing
    return instance;
  }
}

template <class Work>
double microseconds_of(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

std::vector<TimedDecision> time_decisions(const Decisions& wanted, bool keep_instances) {
  ExactAllocator allocator;
  std::vector<TimedDecision> decisions;
  std::uint64_t seed = wanted.seed;
  for (int i = -kWarmUp; i < wanted.count; ++i) {
    Instance instance = next_instance(wanted, &seed);
    Allocation allocation;
    const double us = microseconds_of([&] {
      allocation = allocator.allocate({instance.services, instance.bandwidth_mbps, instance.rtt_ms});
    });
    if (i < 0) continue;
    decisions.push_back({{}, us, allocation.total_value, allocation.total_needed_mbps, allocator.exact()});
    if (keep_instances) decisions.back().instance = std::move(instance);
  }
  return decisions;
}

std::vector<double> time_plans(const Decisions& wanted) {
  std::vector<double> out;
  std::uint64_t seed = wanted.seed;
  for (int i = -kWarmUp; i < wanted.count; ++i) {
    Instance instance = next_instance(wanted, &seed);
    const LinkReport report{.bandwidth_mbps = instance.bandwidth_mbps, .rtt_ms = instance.rtt_ms};
    Planner planner({}, make_policy("live", std::move(instance.services)), make_allocator("exact"),
                    make_budget("expected"));
    planner.decide(Time(), report);
    const double us = microseconds_of([&] { planner.decide(Time(std::chrono::milliseconds(500)), report); });
    if (i >= 0) out.push_back(us);
  }
  return out;
}

}  // namespace turbo
