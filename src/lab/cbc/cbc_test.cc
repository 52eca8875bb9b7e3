// The exact allocator against CBC: two ways to the same optimum. Where they differ, and wherever services may
// take turns, every combination is tried, in sums of long double, which decides; CBC is right within its
// tolerances only.
#include "lab/cbc/cbc.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "core/allocation/exact.h"
#include "core/allocation/turns_need.h"
#include "lab/instances/instances.h"

namespace turbo {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kRounds = 40;
#else
constexpr int kRounds = 1200;  // of each of nine kinds
#endif
constexpr double kEqual = 1e-9;
constexpr long double kUnits = 1e-10L;  // of value: what the exact allocator's units may lose

struct Sums {
  long double value = 0, needed_mbps = 0;
};

// Nothing when the option can't be had: a frame alone needs more than there is.
std::optional<Sums> sums_of(const Instance& instance, std::size_t of_service, std::size_t option) {
  const Service& service = instance.services[of_service];
  const auto needed = needed_mbps(service.options[option], service.slo_ms, instance.rtt_ms);
  if (!needed || *needed > instance.bandwidth_mbps) return std::nullopt;
  return Sums{value_of(service, service.options[option].utility), *needed};
}

Sums sums(const Instance& instance, const Allocation& allocation) {
  Sums all;
  for (std::size_t i = 0; i < instance.services.size(); ++i) {
    const Sums one = sums_of(instance, i, allocation.options[i].value()).value();
    all.value += one.value, all.needed_mbps += one.needed_mbps;
  }
  return all;
}

// allocator.h's, and a double's own rounding.
long double most_mbps(const Instance& instance) {
  return instance.bandwidth_mbps * (1 + 1e-15L) +
         1e-9L * static_cast<long double>(instance.services.size() + 1);
}

// The most value of the services from `first` on.
long double try_all(const Instance& instance, std::size_t first, long double left_mbps) {
  if (first == instance.services.size()) return 0;
  long double best = -std::numeric_limits<long double>::infinity();
  for (std::size_t i = 0; i < instance.services[first].options.size(); ++i) {
    const auto one = sums_of(instance, first, i);
    if (!one || one->needed_mbps > left_mbps) continue;
    best = std::max(best, one->value + try_all(instance, first + 1, left_mbps - one->needed_mbps));
  }
  return best;
}

class AgainstCbc : public testing::TestWithParam<InstanceKind> {};

TEST_P(AgainstCbc, BothFindTheSameOptimum) {
  ExactAllocator exact;
  CbcAllocator cbc;
  int differ = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto seed = static_cast<std::uint64_t>(round) * 100 + static_cast<std::uint64_t>(GetParam());
    // CBC takes seconds where everything is worth the same for what it needs: fewer of these at a time.
    const bool hard = GetParam() == InstanceKind::kProportional;
    const Instance instance =
        make_instance(GetParam(), 1 + seed / 100 % (hard ? 3 : 4), 1 + seed / 700 % (hard ? 4 : 9), seed);
    const AllocationProblem problem{instance.services, instance.bandwidth_mbps, instance.rtt_ms};
    const Allocation ours = exact.allocate(problem);
    ASSERT_TRUE(exact.exact());
    ASSERT_LE(sums(instance, ours).needed_mbps, most_mbps(instance)) << "seed " << seed;
    const Allocation theirs = cbc.allocate(problem);
    if (std::abs(ours.total_value - theirs.total_value) <= kEqual) continue;
    ++differ;
    ASSERT_GE(sums(instance, ours).value, try_all(instance, 0, instance.bandwidth_mbps) - kUnits)
        << "seed " << seed << ": ours " << ours.total_value << ", CBC " << theirs.total_value;
  }
  RecordProperty("instances", kRounds);
  RecordProperty("decided_by_trying_all", differ);
  EXPECT_LE(differ, GetParam() == InstanceKind::kDenormal ? kRounds / 10 : kRounds / 100);
}

// The least Mbps that these options need where the services in turn at one rate, or none, share a part.
long double needed_in_turns(const Instance& instance, const std::vector<std::size_t>& options) {
  long double sum = 0;
  std::map<std::int64_t, std::pair<long double, long double>> by_rate;  // the most that one needs, and all
  for (std::size_t i = 0; i < options.size(); ++i) {
    const Service& service = instance.services[i];
    const ModelOption& option = service.options[options[i]];
    const long double needed = needed_mbps(option, service.slo_ms, instance.rtt_ms).value();
    sum += needed;
    if (!keeps_apart(service, option, options.size(), instance.rtt_ms)) continue;
    auto& [most, all] = by_rate[rate_of(service, option)];
    most = std::max(most, needed), all += needed;
  }
  long double saved = 0;
  for (const auto& [rate, needs] : by_rate) saved = std::max(saved, needs.second - needs.first);
  return sum - saved;
}

long double try_all_in_turns(const Instance& instance) {
  long double best = -std::numeric_limits<long double>::infinity();
  std::vector<std::size_t> options(instance.services.size(), 0);
  for (bool more = true; more;) {
    long double value = 0;
    bool can = true;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const auto one = sums_of(instance, i, options[i]);
      can = can && one;
      value += one ? one->value : 0;
    }
    if (can && value > best && needed_in_turns(instance, options) <= instance.bandwidth_mbps) best = value;
    more = false;
    for (std::size_t i = 0; i < options.size() && !more; ++i)
      more = ++options[i] < instance.services[i].options.size() || (options[i] = 0) != 0;
  }
  return best;
}

// Low frame rates beside the full one: some services may take turns. Every combination is tried each time.
TEST_P(AgainstCbc, BothFindTheSameOptimumInTurns) {
  ExactAllocator exact;
  CbcAllocator cbc;
  std::mt19937_64 random(5);
  int differ = 0, in_turns = 0;
  for (int round = 0; round < kRounds / 4; ++round) {
    const auto seed = static_cast<std::uint64_t>(round) * 100 + static_cast<std::uint64_t>(GetParam());
    Instance instance = make_instance(GetParam(), 2 + seed / 100 % 2, 2 + seed / 700 % 2, seed);
    const double staleness_cost = 0.001 * static_cast<double>(random() % 20);
    for (Service& service : instance.services)
      add_frame_rates(service, std::vector<double>{0.5, 1, 2}, staleness_cost);
    instance.bandwidth_mbps *= 0.4;
    const AllocationProblem problem{instance.services, instance.bandwidth_mbps, instance.rtt_ms};
    const Allocation ours = exact.allocate(problem);
    const Allocation theirs = cbc.allocate(problem);
    const long double best = try_all_in_turns(instance);
    ASSERT_GE(ours.total_value, best - kEqual) << "seed " << seed;
    ASSERT_LE(ours.total_needed_mbps, most_mbps(instance)) << "seed " << seed;
    if (std::abs(ours.total_value - theirs.total_value) > kEqual) ++differ;
    in_turns += sums(instance, ours).needed_mbps > ours.total_needed_mbps + 1e-6;
  }
  RecordProperty("problems_in_turns", kRounds / 4);
  RecordProperty("of_them_differ", differ);
  EXPECT_LE(differ, GetParam() == InstanceKind::kDenormal ? kRounds / 40 : kRounds / 400);
  const bool tiny = GetParam() == InstanceKind::kDenormal || GetParam() == InstanceKind::kHugeRatios;
  EXPECT_GE(in_turns, tiny ? 0 : kRounds / 100);  // there, staleness costs more than all else is worth
}

INSTANTIATE_TEST_SUITE_P(All, AgainstCbc, testing::ValuesIn(instance_kinds().begin(), instance_kinds().end()),
                         [](const auto& kind) {
                           std::string name(instance_kind_name(kind.param));
                           std::erase(name, '-');
                           return name;
                         });

TEST(Cbc, LeavesServicesWithoutAWayToRun) {
  Service service{.id = 1,
                  .options = {{.config = "m-imgcompNone-inpcomp90", .size_megabits = 1, .utility = 0.5}}};
  const std::vector<Service> services{service};
  CbcAllocator cbc;
  EXPECT_FALSE(cbc.allocate({services, 5, 50}).options[0]);
  EXPECT_EQ(cbc.allocate({services, 11, 50}).options[0], 0u);
  EXPECT_TRUE(cbc.allocate({{}, 11, 50}).options.empty());
}

}  // namespace
}  // namespace turbo
