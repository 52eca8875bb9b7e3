// turbo-simulate: what the transport makes of a link, in virtual time.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <string_view>

#include "lab/command_line/command_line.h"
#include "lab/experiments/commands.h"
#include "lab/simulate/frame_log.h"
#include "lab/simulate/scenario_options.h"
#include "lab/simulate/simulation.h"
#include "lab/simulate/summary.h"

namespace {

constexpr const char* kFooter = R"(
Cameras, the vehicle's estimator, scheduler and freshness rules (the very ones of turbo-quic-client), QUIC with BBR,
the link of turbo-link and a server: packet by packet, without waiting for any of it. The same options give the
same run. A connection stands from the beginning, is given up after two seconds of silence and made anew;
processes take only the time to wake.

Experiments about who sends what, each with a --help of its own:
  turbo-simulate sweep      decisions at every bandwidth, RTT and SLO, without packets
  turbo-simulate drive      the allocator's planner over such links, against one who knows the future
  turbo-simulate figures    prints and draws what these two found, of all shards together

Examples
  Three cameras, 15 frames of 40 KB a second each, through 20 Mbit/s with an RTT of 40 ms:
    turbo-simulate --rate-mbps 20 --rtt-ms 40
  A mobile uplink by a trace; what cancelling brings; a line for every frame and every estimate:
    turbo-trace make lte --seed 7 -o lte.trace
    turbo-simulate --up-trace lte.trace --rtt-ms 50
    turbo-simulate --up-trace lte.trace --rtt-ms 50 --no-cancel
    turbo-simulate --up-trace lte.trace --rtt-ms 50 --frames frames.jsonl --estimates estimates.jsonl
  Goodput of a full link with 1 % loss, for a program:
    turbo-simulate --rate-mbps 25 --rtt-ms 50 --loss 0.01 --bulk --services 1 --json

What the table and --json say
  offloaded, within_slo        frames handed over for sending; those answered by the deadline
  latency_p50_ms, _p99_ms      from the camera's frame to its answer, late answers too
  goodput_mbps                 requests that came to the server whole
  estimate_median_error        of the bandwidth, against the capacity of the last 500 ms (not under 0.1 Mbit/s)
  estimate_over_10pct_share    share of the time that it is more than 10 % too high
  interval_coverage, _width    how often its interval holds the capacity; its median width over the capacity
  window_formula_...           the same of congestion window over RTT
  queue_excess_p50_ms, _p99_ms from the hand-over to the last byte's leaving the link's queue, beyond size over
                               guaranteed rate
  junk_share                   of all bytes sent
  displaced, expired, hopeless frames not started: a newer one came; waited too long; could not be in time
  cancelled, cancelled_bytes   frames given up half sent, and what of them was sent in vain
In --frames, times are in ms from the start, null: never. captured, entered (the queue), started, left (its last byte),
received (by the server), answered (at the vehicle).

Other than the real ones: no handshake, no 0-RTT, no change of address; the allocation is asked for every 100 ms.
)";

int run(const turbo::simulate::ScenarioOptions& options, const std::string& frames,
        const std::string& estimates, bool json) {
  using namespace turbo::simulate;
  const Scenario scenario = make_scenario(options);
  const auto began = std::chrono::steady_clock::now();
  const Records records = simulate(scenario);
  const double took_s = turbo::seconds(std::chrono::steady_clock::now() - began);
  if (!frames.empty()) write_lines(frames, frame_lines(records));
  if (!estimates.empty()) write_lines(estimates, estimate_lines(records));
  const Summary summary = summarise(records, scenario);
  if (json) {
    std::printf("%s\n", json_of(summary).c_str());
  } else {
    std::printf("%s", table_of(summary).c_str());
    std::printf("%-26s %.1f s in %.3f s: %.0f times real time\n", "simulated", options.duration_s, took_s,
                options.duration_s / took_s);
  }
  return 0;
}

// The first option that only the experiments have; empty: there is none.
std::string_view experiments_option(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    for (const std::string_view option : {"--policy", "--allocator", "--evaluation", "--table", "--scenarios",
                                          "--scenario", "--results", "--shard"})
      if (const std::string_view word = argv[i]; word.substr(0, word.find('=')) == option) return option;
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "sweep") return turbo::experiments::sweep_command(argc - 1, argv + 1);
  if (command == "drive") return turbo::experiments::drive_command(argc - 1, argv + 1);
  if (command == "figures") return turbo::experiments::figures_command(argc - 1, argv + 1);
  if (!command.empty() && command.front() != '-') {
    std::fprintf(
        stderr,
        "turbo-simulate: no command is called \"%s\"; there are sweep, drive and figures, and none at "
        "all simulates the road\n",
        argv[1]);
    return 2;
  }
  if (const std::string_view option = experiments_option(argc, argv); !option.empty()) {
    std::fprintf(
        stderr,
        "turbo-simulate: not expected: %.*s, which turbo-simulate sweep and turbo-simulate drive have; "
        "see turbo-simulate --help\n",
        static_cast<int>(option.size()), option.data());
    return 2;
  }
  turbo::simulate::ScenarioOptions options;
  std::string frames, estimates;
  bool json = false;
  CLI::App app{"Simulates the road to the cloud in virtual time", "turbo-simulate"};
  turbo::simulate::declare(app, options);
  app.add_option("--frames", frames, "File: a JSON line for every frame");
  app.add_option("--estimates", estimates, "File: a JSON line for every 100 ms, the estimate and the truth");
  app.add_flag("--json", json, "One JSON object instead of a table");
  if (const auto status = turbo::parse_command_line(app, kFooter, argc, argv)) return *status;
  try {
    return run(options, frames, estimates, json);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "turbo-simulate: %s\n", error.what());
    return 2;
  } catch (const turbo::LinkConfigError& error) {
    std::fprintf(stderr, "turbo-simulate: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-simulate: %s\n", error.what());
    return 1;
  }
}
