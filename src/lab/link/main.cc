// turbo-link: an emulated network link between two TUN devices, without netem and without root of
// the machine.

#include <signal.h>
#include <sys/signalfd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "lab/command_line/command_line.h"
#include "lab/link/link_loop.h"
#include "lab/link/net_namespace.h"

namespace {

struct Arguments {
  turbo::LinkRequest link;
  std::string vehicle_if = "turbo-vehicle", cloud_if = "turbo-cloud";
  std::string vehicle_address = "10.77.0.1/30", cloud_address = "10.77.0.2/30";
  int cloud_pid = 0;
  std::string cloud_netns, status_path;
};

constexpr const char* kFooter =
    "Prints one line when the link is up, and runs until SIGINT or SIGTERM. Without root:\n"
    "  unshare -rn sh -c 'unshare -n sleep infinity & turbo-link --cloud-netns-pid $! --delay-ms 20 "
    "--rate-mbps 10'";

void declare(CLI::App& app, Arguments& args) {
  app.add_option("--delay-ms", args.link.delay_ms, "Delay one way, in each direction (RTT is twice that)");
  app.add_option("--rate-mbps", args.link.rate_mbps, "Rate in each direction; 0: no limit");
  app.add_option("--down-rate-mbps", args.link.down_rate_mbps,
                 "Rate from the cloud to the vehicle, if another");
  app.add_option("--trace", args.link.trace_path,
                 "Capacity of the uplink, a Mahimahi trace (instead of --rate-mbps)");
  auto* queue_ms = app.add_option("--queue-ms", args.link.queue_ms, "Drop-tail queue, in ms of the mean rate")
                       ->capture_default_str();
  app.add_option("--queue-bytes", args.link.queue_bytes, "The same queue in bytes")->excludes(queue_ms);
  app.add_option("--loss", args.link.loss, "Probability that a packet is lost, in each direction");
  app.add_option("--seed", args.link.seed, "Seed of the losses")->capture_default_str();
  app.add_option("--vehicle-if", args.vehicle_if, "TUN device in this network namespace")
      ->capture_default_str();
  app.add_option("--cloud-if", args.cloud_if, "TUN device at the cloud's end")->capture_default_str();
  app.add_option("--vehicle-address", args.vehicle_address, "Address and prefix")->capture_default_str();
  app.add_option("--cloud-address", args.cloud_address, "Address and prefix")->capture_default_str();
  auto* pid = app.add_option("--cloud-netns-pid", args.cloud_pid,
                             "The cloud's end is in this process's network namespace");
  app.add_option("--cloud-netns", args.cloud_netns, "The same by file, as /run/netns/NAME")->excludes(pid);
  app.add_option("--status", args.status_path,
                 "File: a JSON line every 100 ms, capacity and traffic both ways");
}

turbo::TunDevice make_cloud_end(const Arguments& args, const turbo::InterfaceAddress& address) {
  if (args.cloud_pid == 0 && args.cloud_netns.empty()) {
    std::fprintf(
        stderr,
        "turbo-link: both ends are in one network namespace, whose packets between them take no link; "
        "see --cloud-netns-pid\n");
    return turbo::TunDevice(args.cloud_if, address);
  }
  const auto home = turbo::NetNamespace::current();
  const auto cloud = args.cloud_netns.empty() ? turbo::NetNamespace::of_process(args.cloud_pid)
                                              : turbo::NetNamespace::at_path(args.cloud_netns);
  cloud.enter();
  turbo::bring_up_loopback();
  turbo::TunDevice device(args.cloud_if, address);
  home.enter();
  return device;
}

int stop_descriptor() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

void run(const Arguments& args, const std::string& command_line) {
  const auto vehicle_address = turbo::parse_interface_address(args.vehicle_address);
  const auto cloud_address = turbo::parse_interface_address(args.cloud_address);
  const int stop_fd = stop_descriptor();
  const turbo::Time start = std::chrono::steady_clock::now();
  turbo::LinkPair links = turbo::make_link_pair(args.link, start);
  auto vehicle = turbo::TunDevice(args.vehicle_if, vehicle_address);
  auto cloud = make_cloud_end(args, cloud_address);
  std::unique_ptr<turbo::StatusLog> status;
  if (!args.status_path.empty())
    status = std::make_unique<turbo::StatusLog>(args.status_path, command_line, start);
  std::printf("turbo-link: up: %s %s <-> %s %s\n", args.vehicle_if.c_str(), args.vehicle_address.c_str(),
              args.cloud_if.c_str(), args.cloud_address.c_str());
  std::fflush(stdout);
  turbo::run_link(links, vehicle, cloud, status.get(), stop_fd);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments args;
  CLI::App app{"A network link with delay, rate, queue and loss between two TUN devices", "turbo-link"};
  declare(app, args);
  if (const auto status = turbo::parse_command_line(app, kFooter, argc, argv)) return *status;
  try {
    std::string command_line;
    for (int i = 0; i < argc; ++i) command_line += (i ? " " : "") + std::string(argv[i]);
    run(args, command_line);
  } catch (const turbo::LinkConfigError& error) {
    std::fprintf(stderr, "turbo-link: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-link: %s\n", error.what());
    return 1;
  }
}
