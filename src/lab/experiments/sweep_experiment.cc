#include "lab/experiments/sweep_experiment.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "evaluation/parallel.h"
#include "lab/experiments/cameras_slo.h"
#include "lab/experiments/variants.h"

namespace turbo::experiments {
namespace {

constexpr const char* kOracle = "oracle";
constexpr const char* kExact = "exact";

struct Job {
  const ScenarioData* scenario;
  std::string policy, allocator;
  bool wanted = true;  // else only as the clairvoyant
  std::vector<SweepRow> rows;
};

std::unique_ptr<UtilityPolicy> policy_of(const std::string& name, const ScenarioData& scenario) {
  return make_policy(name, scenario, Time{}, Duration::zero());
}

void run_job(const SweepRequest& request, Job& job) {
  const ScenarioData& scenario = *job.scenario;
  const Truth truth(scenario.global, scenario.frames, {}, 1);
  const std::vector<Duration> frames = frame_times(scenario.frames);
  std::vector<Belief> beliefs = beliefs_along(*policy_of(job.policy, scenario), Time{}, frames);
  const auto allocator = allocator_named(job.allocator);
  const double vehicle = vehicle_utility(truth, frames);
  for (const GridPoint& point : request.grid) {
    SweepRow row{.scenario = scenario.name,
                 .policy = job.policy,
                 .allocator = job.allocator,
                 .point = point,
                 .services = static_cast<std::int64_t>(scenario.global.size()),
                 .frames = static_cast<std::int64_t>(frames.size()),
                 .vehicle_utility = vehicle,
                 .result = sweep_point(point, beliefs, truth, frames, *allocator)};
    if (point.slo_ms <= 0) row.point.slo_ms = cameras_slo_ms(scenario.global);
    job.rows.push_back(std::move(row));
  }
}

// In the order asked for; `best` becomes the place of the clairvoyant's, which is the last if nobody asked
// for it.
std::vector<Job> jobs_of(const SweepRequest& request, const ScenarioData& scenario, std::size_t& best) {
  const std::string best_policy = scenario.frames ? kOracle : "static";
  std::vector<Job> jobs;
  std::optional<std::size_t> asked;
  for (const std::string& policy : request.policies)
    for (const std::string& allocator : request.allocators) {
      if (policy == best_policy && allocator == kExact) asked = jobs.size();
      jobs.push_back({&scenario, policy, allocator, true, {}});
      policy_of(policy, scenario);
      allocator_named(allocator);
    }
  best = asked.value_or(jobs.size());
  if (!asked) jobs.push_back({&scenario, best_policy, kExact, false, {}});
  return jobs;
}

}  // namespace

std::vector<SweepRow> run_sweep(const SweepRequest& request, const std::vector<ScenarioData>& scenarios,
                                unsigned threads, const std::atomic<bool>& stop,
                                const std::function<void()>& done) {
  std::vector<Job> jobs;
  std::vector<std::size_t> best_of;  // of each job its scenario's clairvoyant
  for (const ScenarioData& scenario : scenarios) {
    std::size_t best = 0;
    std::vector<Job> its = jobs_of(request, scenario, best);
    best_of.insert(best_of.end(), its.size(), jobs.size() + best);
    std::move(its.begin(), its.end(), std::back_inserter(jobs));
  }
  const auto run = [&](std::size_t i) {
    run_job(request, jobs[i]);
    if (jobs[i].wanted) done();
  };
  if (!in_parallel(jobs.size(), threads, run, &stop)) return {};
  std::vector<SweepRow> rows;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::vector<SweepRow>& best = jobs[best_of[i]].rows;
    for (std::size_t p = 0; p < request.grid.size(); ++p)
      jobs[i].rows[p].clairvoyant = best[p].result.utility;
  }
  for (Job& job : jobs)
    if (job.wanted) std::move(job.rows.begin(), job.rows.end(), std::back_inserter(rows));
  return rows;
}

}  // namespace turbo::experiments
