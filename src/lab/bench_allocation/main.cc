// turbo-bench-allocation: how long the exact allocator takes, as JSON; bench/allocation reads it.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "core/utility/utility_curve.h"
#include "lab/bench_allocation/decisions.h"
#include "lab/command_line/command_line.h"

namespace turbo {
namespace {

double quantile(const std::vector<double>& sorted, double q) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

// The knapsack as any solver can be given it: a curve a service, [Mbps, value] a step.
nlohmann::json curves(const Instance& instance) {
  auto services = nlohmann::json::array();
  for (const Service& service : instance.services) {
    auto steps = nlohmann::json::array();
    for (const UtilityStep& step : make_utility_curve(service, instance.rtt_ms, instance.bandwidth_mbps))
      steps.push_back({step.start_mbps, step.value});
    services.push_back(std::move(steps));
  }
  return services;
}

nlohmann::json describe(const Decisions& wanted, std::vector<double> us) {
  std::sort(us.begin(), us.end());
  return {{"kind", instance_kind_name(wanted.kind)},
          {"services", wanted.services},
          {"configs", wanted.configs},
          {"count", us.size()},
          {"us",
           {{"p50", quantile(us, 0.5)},
            {"p90", quantile(us, 0.9)},
            {"p99", quantile(us, 0.99)},
            {"max", us.back()}}}};
}

nlohmann::json describe(const Decisions& wanted, const std::vector<TimedDecision>& decisions, bool each) {
  std::vector<double> us;
  for (const TimedDecision& decision : decisions) us.push_back(decision.microseconds);
  nlohmann::json result = describe(wanted, std::move(us));
  result["exact"] = std::count_if(decisions.begin(), decisions.end(), [](const auto& d) { return d.exact; });
  if (each)
    for (const TimedDecision& decision : decisions)
      result["decisions"].push_back({{"us", decision.microseconds},
                                     {"value", decision.value},
                                     {"needed_mbps", decision.needed_mbps},
                                     {"bandwidth_mbps", decision.instance.bandwidth_mbps},
                                     {"curves", curves(decision.instance)}});
  return result;
}

}  // namespace
}  // namespace turbo

int main(int argc, char** argv) {
  turbo::Decisions wanted;
  bool each = false, plans = false;
  std::vector<std::string> kinds;
  for (const auto kind : turbo::instance_kinds()) kinds.emplace_back(turbo::instance_kind_name(kind));
  std::string kind = kinds.front();
  CLI::App app{"How long the exact allocator takes, from services, bandwidth and RTT to a choice",
               "turbo-bench-allocation"};
  app.add_option("--kind", kind, "Kind of problem")
      ->capture_default_str()
      ->type_name("NAME")
      ->check(CLI::IsMember(kinds));
  app.add_option("--services", wanted.services, "Services to choose for")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--configs", wanted.configs, "Configurations of each, with the vehicle's")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--count", wanted.count, "Decisions")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--seed", wanted.seed, "Of the first problem")->capture_default_str();
  auto* every = app.add_flag("--each", each, "Also print every decision with its curves");
  app.add_flag("--plans", plans,
               "Instead: how long a vehicle's planner takes with it, which weighs many allocations")
      ->excludes(every);
  if (const auto status = turbo::parse_command_line(app, "", argc, argv)) return *status;
  const auto chosen = std::find(kinds.begin(), kinds.end(), kind);
  wanted.kind = turbo::instance_kinds()[static_cast<std::size_t>(chosen - kinds.begin())];
  if (plans) {
    std::printf("%s\n", turbo::describe(wanted, turbo::time_plans(wanted)).dump().c_str());
    return 0;
  }
  const auto decisions = turbo::time_decisions(wanted, each);
  std::printf("%s\n", turbo::describe(wanted, decisions, each).dump().c_str());
  return 0;
}
