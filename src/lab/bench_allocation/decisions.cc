#include "lab/bench_allocation/decisions.h"

#include <chrono>
#include <cmath>

#include "core/allocation/exact.h"

namespace turbo {
namespace {

constexpr int kWarmUp = 20;

}  // namespace

std::vector<TimedDecision> time_decisions(const Decisions& wanted, bool keep_instances) {
  ExactAllocator allocator;
  std::vector<TimedDecision> decisions;
  std::uint64_t seed = wanted.seed;
  for (int i = -kWarmUp; i < wanted.count;) {
    Instance instance = make_instance(wanted.kind, wanted.services, wanted.configs, seed++);
    if (!(instance.bandwidth_mbps > 0) || std::isinf(instance.bandwidth_mbps)) {
      if (wanted.configs > 1) continue;
      instance.bandwidth_mbps = 1;  // one configuration needs nothing
    }
    const auto begin = std::chrono::steady_clock::now();
    const Allocation allocation =
        allocator.allocate({instance.services, instance.bandwidth_mbps, instance.rtt_ms});
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    if (i++ < 0) continue;
    decisions.push_back(
        {{}, took.count(), allocation.total_value, allocation.total_needed_mbps, allocator.exact()});
    if (keep_instances) decisions.back().instance = std::move(instance);
  }
  return decisions;
}

}  // namespace turbo
