// turbo-simulate drive.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "lab/command_line/command_line.h"
#include "lab/command_line/interrupt.h"
#include "lab/experiments/batches.h"
#include "lab/experiments/cameras_slo.h"
#include "lab/experiments/command_line.h"
#include "lab/experiments/commands.h"
#include "lab/experiments/drive_experiment.h"
#include "lab/experiments/drive_summary.h"
#include "lab/experiments/grid.h"
#include "lab/experiments/identity.h"
#include "lab/experiments/result_rows.h"
#include "lab/experiments/tables.h"
#include "lab/experiments/variants.h"

namespace turbo::experiments {
namespace {

constexpr const char* kFooter = R"(
Cameras drive over a link, packet by packet, as in turbo-simulate without a command; every 500 ms the allocator's planner
decides, from the bandwidth estimate with its interval and from what the frames really cost, what each camera sends.
A frame whose answer is not there by the SLO, or that is not sent, has the vehicle's answer. All cameras take their
frames at the same moment (unless --staggered). Each link is driven with every scenario, SLO, policy, allocator and
budget. A scenario begins anew when it is over, until the drive is, and each begins at another part of a trace.

What the table says for each link and what decides (means over the scenarios, by their frames; least and most: of a
scenario), with --all for every scenario, as --results does; --json has both, as "summary" and "rows". Columns that would
say nothing are left out
  utility            mean over all frames of what the answer was worth that came in time, cloud's or vehicle's
  to first,          difference of utility to the first line of the same link, in percentage points, mean over the
    better in        scenarios that both drove, and in how many of them it is better: scenarios differ far more from
                     each other than what decides, so means alone do not tell two of them apart
  of clairvoyant     utility, over that which somebody could have had who knows the future: for every moment at
                     which frames are taken, the exact allocation with that moment's true sizes, run times and
                     utilities, where a configuration needs that share of what the link really carries (of payload)
                     from the capture on for SLO - RTT - run time that its size is, and the shares together are at
                     most 1. It is no bound in the strict sense: a frame that is done early leaves room for others,
                     which this does not count on, so shares above 1 can appear
  of link's          the same of somebody who knows the future of the link, sizes and run times, but not what each
                     configuration is worth on a frame before it is seen: the choice is by the utilities over all data
  vehicle            mean utility, had the vehicle answered all
  offloaded, in time share of the frames that went to the cloud; share of those answered by the SLO
  promised, attained what the budget forecast for the frames that went (share:X forecasts nothing), and what came of
                     them
  tries              share of the frames that went only to learn of the link, when promise:P had let nothing go for
                     a second or two: they are less likely in time than P
  others in time     share of all others that were answered by the SLO: what the promise was about
  changes            decisions a minute that changed what some camera sends

Examples
  A mobile link, the model table of this project:
    turbo-simulate drive --table models/model_info.csv --trace lte
  What is gained by correcting the table, where sizes are 40 % off from drive to drive and frames differ by 20 %:
    turbo-simulate drive --table models/model_info.csv --trace lte,drive,satellite \
      --size-bias 0.4 --size-spread 0.2 --policy static,live --json
)";

struct DriveOptions {
  DataOptions data;
  RunOptions run;
  LinkChoice links;
  std::optional<double> duration_s;
  DriveRequest request;
  bool all = false;
};

void declare_drive(CLI::App& app, DriveOptions& o) {
  declare(app, o.data);
  const char* group = "The links";
  const auto list = [&](const char* name, auto& value, const char* type, const char* text) {
    return app.add_option(name, value, text)
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name(type)
        ->group(group);
  };
  list("--trace", o.links.traces, "NAME,...", "Files in Mahimahi's format, or recipes of turbo-trace");
  list("--rate-mbps,--bandwidth", o.links.rates_mbps, "X,...", "Links of constant rate");
  list("--rtt-ms,--rtt", o.links.rtts_ms, "X,...", "Each link with each; else a recipe's own, or 50");
  app.add_option("--duration", o.duration_s,
                 "Seconds; else a file's length, 120 for a recipe, 60 for a constant rate")
      ->group(group);
  group = "What decides";
  list("--slo-ms,--slo", o.request.slos_ms, "X,...",
       "Deadlines, from a frame's capture; else the services' own, 150");
  list("--policy", o.request.policies, "NAME,...", policy_help().c_str())->default_str("static");
  list("--allocator", o.request.allocators, "NAME,...", kAllocatorHelp)->default_str("exact");
  list("--budget", o.request.budgets, "NAME,...", budget_help().c_str())->default_str("expected");
  group = "What is true, other than the table says (deviations of logarithms)";
  const auto add = [&](const char* name, double& value, const char* text) {
    app.add_option(name, value, text)->capture_default_str()->check(CLI::Range(0.0, 2.0))->group(group);
  };
  add("--size-bias", o.request.disturbance.size_bias, "Sizes: a factor for each camera and drive");
  add("--size-spread", o.request.disturbance.size_spread, "Sizes: a factor for each frame");
  add("--server-bias", o.request.disturbance.server_bias, "Run times: a factor for each model and drive");
  add("--server-spread", o.request.disturbance.server_spread, "Run times: a factor for each frame");
  app.add_flag("--staggered", o.request.staggered, "The cameras take their frames one after the other");
  declare(app, o.run);
  app.add_flag("--all", o.all, "A line for every scenario, not their mean for each link and variant")
      ->group("The run and its results");
}

Identity parsed_identity(const DriveRequest& request, const ExperimentData& data) {
  Identity identity = identity_of(request.links);
  std::set<double> slos(request.slos_ms.begin(), request.slos_ms.end());
  if (slos.empty()) slos.insert(cameras_slo_ms(data.services()));
  identity["slo-ms"] = numbers_text(slos);
  identity["staggered"] = request.staggered ? "true" : "";
  return identity;
}

int run(const CLI::App& app, DriveOptions& o, const std::string& command_line) {
  interrupted();  // from here on Ctrl-C is told
  DriveRequest& request = o.request;
  request.seed = o.links.seed = o.run.seed;
  o.links.duration_s = o.duration_s;
  request.links = make_links(o.links);
  refuse_repeats("--slo-ms", request.slos_ms);
  refuse_repeats("--policy", request.policies);
  refuse_repeats("--allocator", request.allocators);
  refuse_repeats("--budget", request.budgets);
  check_outputs(o.run, "drive");
  const std::vector<int> sizes = window_sizes(request.policies);
  const ExperimentData data(o.data, parse_shard(o.run.shard));
  tell("turbo-simulate drive", data.notes());
  check_fixed(request.allocators, data.services());
  const std::size_t drives_each = request.links.size() * std::max<std::size_t>(1, request.slos_ms.size()) *
                                  request.policies.size() * request.allocators.size() *
                                  request.budgets.size();
  const auto rows =
      in_batches<DriveRow>("turbo-simulate drive", data, sizes, data.scenarios().size() * drives_each,
                           [&](std::vector<ScenarioData> batch, const auto& done) {
                             request.scenarios = std::move(batch);
                             return run_drives(request, o.run.threads, interrupted(), done);
                           });
  const Origin origin{o.run.seed, command_line, 1,
                      text_of(identity_of(app, data.identity(), parsed_identity(request, data)))};
  const std::vector<DriveSummary> summaries = summaries_of(rows);
  const Results summary = results_of(summaries);
  put_out(results_of(rows, origin), drive_figures(rows, caption_of(origin)), o.run,
          o.all ? table_of(rows) : table_of(summaries), &summary);
  return 0;
}

}  // namespace

int drive_command(int argc, char** argv) {
  DriveOptions options;
  options.request.policies = {"static"};
  options.request.allocators = {"exact"};
  options.request.budgets = {"expected"};
  CLI::App app{"Drives over links with the allocator's planner deciding, and says what it was worth",
               "turbo-simulate drive"};
  declare_drive(app, options);
  if (const auto status = parse_command_line(app, kFooter, argc, argv, kInterruptedCodes)) return *status;
  return guarded("turbo-simulate drive",
                 [&] { return run(app, options, "turbo-simulate " + command_line_of(argc, argv)); });
}

}  // namespace turbo::experiments
