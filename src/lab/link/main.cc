// turbo-link: an emulated network link between two TUN devices, without netem and without root of
// the machine.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "lab/command_line/command_line.h"
#include "lab/link/link_options.h"
#include "lab/link/link_session.h"

namespace {

struct Arguments {
  turbo::LinkOptions link;
  turbo::SessionRequest session;
};

constexpr const char* kFooter = R"(
Without -- COMMAND, prints one line when the link is up, and runs until SIGINT or SIGTERM.

Examples
  A shell behind a link of 10 Mbit/s up, 50 down, 20 ms each way, with a web server at its other end:
    turbo-link --up-rate-mbps 10 --down-rate-mbps 50 --delay-ms 20 --cloud-command 'python3 -m http.server' -- bash
    $ curl http://10.77.0.2:8000
  A mobile uplink by a trace, with jitter, loss, and no coverage from second 10 to 15 and 40 to 42:
    turbo-trace make lte --seed 7 -o lte.trace
    turbo-link --up-trace lte.trace --delay-ms 25 --jitter-ms 8 --loss 0.001 --outage 10:15 --outage 40:42 -- COMMAND
  Bufferbloat and its cure: the same with a queue of a second, then with CoDel; look at sojourn_ms in the log:
    turbo-link --rate-mbps 5 --queue-ms 1000 --status drop.jsonl -- COMMAND
    turbo-link --rate-mbps 5 --queue-ms 1000 --queue codel --status codel.jsonl -- COMMAND
  Between a namespace that is there and this one, without COMMAND:
    unshare -rn sh -c 'unshare -n sleep infinity & turbo-link --cloud-netns-pid $! --delay-ms 20 --rate-mbps 10'

--status writes a JSON line each interval: t_s from the start, unix_s, and for up and down
  capacity_mbps    what the link could have carried      delivered_mbps  what came out at its end
  queue_bytes, queue_packets, queue_ms                   what waits now, and the time until it has left
  sojourn_ms, sojourn_max_ms                             time in the queue of what left it: mean and longest
  lost, dropped, dropped_at_head                         packets lost at random; queue full; by CoDel
)";

void declare(CLI::App& app, Arguments& args) {
  args.link.declare(app);
  const char* ends = "The ends";
  app.add_option("--vehicle-if", args.session.vehicle_if, "TUN device in this network namespace")
      ->capture_default_str()
      ->group(ends);
  app.add_option("--cloud-if", args.session.cloud_if, "TUN device at the cloud's end")
      ->capture_default_str()
      ->group(ends);
  app.add_option("--vehicle-address", args.session.vehicle_address, "Address and prefix")
      ->capture_default_str()
      ->group(ends);
  app.add_option("--cloud-address", args.session.cloud_address, "Address and prefix")
      ->capture_default_str()
      ->group(ends);
  auto* pid = app.add_option("--cloud-netns-pid", args.session.cloud_pid,
                             "The cloud's end is in this process's network namespace")
                  ->group(ends);
  auto* netns =
      app.add_option("--cloud-netns", args.session.cloud_netns, "The same by file, as /run/netns/NAME")
          ->excludes(pid)
          ->group(ends);
  app.add_option("--cloud-command", args.session.cloud_command,
                 "Beside COMMAND: a shell command to run at the cloud's end meanwhile")
      ->group(ends);
  app.add_option(
         "COMMAND", args.session.command,
         "After --: runs it at the vehicle's end, in network namespaces of its own, and ends with its status")
      ->excludes(pid)
      ->excludes(netns);
  app.add_option("--status", args.session.status_path,
                 "File: a JSON line each interval: capacity, traffic and queues");
  app.add_option("--status-interval-ms", args.session.status_interval_ms, "Its interval")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 60'000.0));
}

}  // namespace

int main(int argc, char** argv) {
  Arguments args;
  CLI::App app{
      "A network link between two TUN devices: rate or trace, delay, jitter, loss, queue and outages, both "
      "ways",
      "turbo-link"};
  declare(app, args);
  if (const auto status = turbo::parse_command_line(app, kFooter, argc, argv)) return *status;
  try {
    args.session.link = args.link.request();
    for (int i = 0; i < argc; ++i) args.session.command_line += (i ? " " : "") + std::string(argv[i]);
    return turbo::LinkSession(args.session).run();
  } catch (const turbo::LinkConfigError& error) {
    std::fprintf(stderr, "turbo-link: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-link: %s\n", error.what());
    return 1;
  }
}
