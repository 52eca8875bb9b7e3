// turbo-simulate sweep.

#include <CLI/CLI.hpp>

#include "lab/command_line/command_line.h"
#include "lab/command_line/interrupt.h"
#include "lab/experiments/batches.h"
#include "lab/experiments/cameras_slo.h"
#include "lab/experiments/command_line.h"
#include "lab/experiments/commands.h"
#include "lab/experiments/grid.h"
#include "lab/experiments/identity.h"
#include "lab/experiments/result_rows.h"
#include "lab/experiments/sweep_experiment.h"
#include "lab/experiments/tables.h"
#include "lab/experiments/variants.h"

namespace turbo::experiments {
namespace {

constexpr const char* kFooter = R"(
Decisions without packets: at every bandwidth, RTT and SLO, every frame of every scenario is decided with what the policy
believes then, by the allocator, and counted with what is true of that frame. What needs more than there is, is never
chosen; sizes and run times are the table's. The clairvoyant is the oracle with the exact allocator (of a table alone:
static, for nothing else is known). Nothing is measured, so --policy live is static here, and live:P is P: turbo-simulate
drive is where these can show what they are worth.

What the table says, each a mean over the scenarios (by their frames) and over the grid
  (every point counts as much as every other: other points, or more of them at one end, give other means)
  utility            of all services, by their weights
  of clairvoyant     that, over the clairvoyant's; least: at the point of the grid where it is worst
  gain, most         percentage points over everything on the vehicle, and the most at a point of the grid
--results has a row for every scenario and point.

Examples
  The paper's figures, on synthetic data:
    turbo-evaluation make eval
    turbo-simulate sweep --evaluation eval --bandwidth-mbps 1:50:1 --policy static,scenario,recent:10,oracle \
      --allocator exact,greedy,proportional,equal,vehicle --results sweep.parquet --figures figures
  A part on each of eight machines, and together:
    turbo-simulate sweep --evaluation eval --shard $I/8 --results sweep-$I.parquet
    turbo-simulate figures sweep-*.parquet -o figures
  The same by a Slurm array, --array=0-7, which counts from 0 where a shard counts from 1:
    I=$((SLURM_ARRAY_TASK_ID + 1)); turbo-simulate sweep --evaluation eval --shard $I/8 --results sweep-$I.parquet
)";

constexpr std::size_t kMostPoints = 100'000;  // of the grid; each is a row of every scenario and variant

struct SweepOptions {
  DataOptions data;
  RunOptions run;
  std::vector<std::string> bandwidths{"0", "1:20:1", "22:40:2", "45:100:5"}, rtts{"40"}, slos;
  SweepRequest request;
};

void declare_sweep(CLI::App& app, SweepOptions& o) {
  declare(app, o.data);
  const char* group = "The grid: numbers, or FROM:TO:STEP";
  const auto list = [&](const char* name, auto& value, const char* type, const char* text) {
    auto* option = app.add_option(name, value, text)
                       ->delimiter(',')
                       ->allow_extra_args(false)
                       ->type_name(type)
                       ->group(group);
    if (!value.empty()) option->capture_default_str();
  };
  list("--bandwidth-mbps,--bandwidth", o.bandwidths, "X,...", "Bandwidths");
  list("--rtt-ms,--rtt", o.rtts, "X,...", "RTTs");
  list("--slo-ms,--slo", o.slos, "X,...", "Deadlines of the cameras; else their own, 150");
  group = "What decides";
  list("--policy", o.request.policies, "NAME,...",
       (policy_help() + "; else static, and oracle with --evaluation").c_str());
  list("--allocator", o.request.allocators, "NAME,...", kAllocatorHelp);
  declare(app, o.run);
}

std::vector<GridPoint> grid_of(const SweepOptions& o) {
  std::vector<double> slos = parse_grid("--slo-ms", o.slos, 1, 600'000);
  if (slos.empty()) slos.push_back(0);
  const std::vector<double> rtts = parse_grid("--rtt-ms", o.rtts, 0, 10'000);
  const std::vector<double> bandwidths = parse_grid("--bandwidth-mbps", o.bandwidths, 0, 1e6);
  const std::size_t points = slos.size() * rtts.size() * bandwidths.size();  // of 10,000 each: no overflow
  if (points > kMostPoints)
    throw std::invalid_argument("--bandwidth-mbps, --rtt-ms and --slo-ms: a grid of " +
                                std::to_string(points) + " points, expected at most " +
                                std::to_string(kMostPoints));
  std::vector<GridPoint> grid;
  for (const double slo : slos)
    for (const double rtt : rtts)
      for (const double bandwidth : bandwidths) grid.push_back({bandwidth, rtt, slo});
  return grid;
}

// Policies that say nothing of their own here.
std::vector<std::string> unmeasured(const std::vector<std::string>& policies) {
  for (const std::string& policy : policies)
    if (policy == "live" || policy.starts_with("live:"))
      return {"--policy " + policy + ": nothing is measured in a sweep, so it decides as " +
              (policy == "live" ? "static" : policy.substr(5)) + " does; turbo-simulate drive measures"};
  return {};
}

Identity grid_identity(const std::vector<GridPoint>& grid, const ExperimentData& data) {
  std::set<double> bandwidths, rtts, slos;
  for (const GridPoint& point : grid) {
    bandwidths.insert(point.bandwidth_mbps);
    rtts.insert(point.rtt_ms);
    slos.insert(point.slo_ms > 0 ? point.slo_ms : cameras_slo_ms(data.services()));
  }
  return {{"bandwidth-mbps", numbers_text(bandwidths)},
          {"rtt-ms", numbers_text(rtts)},
          {"slo-ms", numbers_text(slos)}};
}

int run(const CLI::App& app, SweepOptions& o, const std::string& command_line) {
  interrupted();  // from here on Ctrl-C is told
  SweepRequest& request = o.request;
  request.grid = grid_of(o);
  if (request.policies.empty()) {
    request.policies = {"static"};
    if (!o.data.evaluation.empty()) request.policies.push_back("oracle");
  }
  refuse_repeats("--policy", request.policies);
  refuse_repeats("--allocator", request.allocators);
  check_outputs(o.run, "sweep");
  const std::vector<int> sizes = window_sizes(request.policies);
  const ExperimentData data(o.data, parse_shard(o.run.shard));
  tell("turbo-simulate sweep", data.notes());
  tell("turbo-simulate sweep", unmeasured(request.policies));
  check_fixed(request.allocators, data.services());
  const std::size_t total = data.scenarios().size() * request.policies.size() * request.allocators.size();
  const auto rows =
      in_batches<SweepRow>("turbo-simulate sweep", data, sizes, total,
                           [&](const std::vector<ScenarioData>& batch, const auto& done) {
                             return run_sweep(request, batch, o.run.threads, interrupted(), done);
                           });
  const Origin origin{o.run.seed, command_line, 1,
                      text_of(identity_of(app, data.identity(), grid_identity(request.grid, data)))};
  put_out(results_of(rows, origin), sweep_figures(rows, caption_of(origin)), o.run, table_of(rows));
  return 0;
}

}  // namespace

int sweep_command(int argc, char** argv) {
  SweepOptions options;
  options.request.allocators = {"exact", "greedy", "proportional", "equal", "vehicle"};
  CLI::App app{
      "Decides every frame of every scenario over a grid of bandwidths, RTTs and SLOs, without packets",
      "turbo-simulate sweep"};
  declare_sweep(app, options);
  if (const auto status = parse_command_line(app, kFooter, argc, argv, kInterruptedCodes)) return *status;
  return guarded("turbo-simulate sweep",
                 [&] { return run(app, options, "turbo-simulate " + command_line_of(argc, argv)); });
}

}  // namespace turbo::experiments
