// turbo-demo: the whole system on this machine, over an emulated mobile link; ./dev demo starts it.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "lab/command_line/command_line.h"
#include "lab/demo/demo.h"
#include "lab/link/delivery_trace.h"
#include "process/process.h"

namespace {

void declare(CLI::App& app, turbo::DemoOptions& options) {
  app.add_option("--duration", options.duration_s,
                 "Seconds of driving, from the first frame of all cameras on")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 1e6));
  app.add_flag("--keep", options.keep, "Go on until Ctrl-C");
  app.add_option("--trace", options.trace_path,
                 "Uplink capacity, a Mahimahi trace (default: one made from --seed)");
  app.add_option("--seed", options.seed, "Seed of the made trace")->capture_default_str();
  app.add_option("--rtt-ms", options.rtt_ms, "Round trip of the empty link")->capture_default_str();
  app.add_option("--queue-ms", options.queue_ms, "Queue at the bottleneck, in ms of its mean rate")
      ->capture_default_str();
  app.add_option("--down-rate-mbps", options.down_rate_mbps, "Rate from the cloud to the vehicle")
      ->capture_default_str();
  app.add_option("--client-config", options.client_config, "The vehicle (YAML)")->capture_default_str();
  app.add_option("--server-config", options.server_config, "The cloud (YAML)")->capture_default_str();
  app.add_option("--quic-client-config", options.quic_client_config, "The vehicle's QUIC end (YAML)")
      ->capture_default_str();
  app.add_option("--quic-server-config", options.quic_server_config, "The cloud's QUIC end (YAML)")
      ->capture_default_str();
  app.add_option("--run-dir", options.run_dir, "Folder for logs and results (default: a new one)");
}

}  // namespace

int main(int argc, char** argv) {
  turbo::DemoOptions options;
  options.command_line.assign(argv, argv + argc);
  CLI::App app{
      "Vehicle and cloud in two network namespaces, an emulated mobile link between them.\n"
      "The last line of its output is one JSON object.",
      "turbo-demo"};
  declare(app, options);
  if (const auto status = turbo::parse_command_line(app, "", argc, argv)) return *status;
  try {
    return turbo::Demo(options).run();
  } catch (const turbo::UsageError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  } catch (const turbo::LinkConfigError& error) {
    std::fprintf(stderr, "turbo-demo: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-demo: %s\n", error.what());
    return 1;
  }
}
