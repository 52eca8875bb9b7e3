// turbo-bench-frames: plays the clients, the model servers and the allocator around a turbo-quic-client and a
// turbo-quic-server, and writes what became of every frame.

#include <signal.h>
#include <sys/signalfd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "lab/bench/frame_doubles.h"
#include "lab/command_line/command_line.h"
#include "schema/channels.h"

namespace turbo {
namespace {

constexpr Duration kLastAnswers = std::chrono::milliseconds(500);

struct Arguments {
  std::string zmq_dir = "/tmp/turbo", output = "frames.jsonl";
  std::vector<int> services{1, 2, 3};
  std::uint32_t frame_bytes = 40'000;
  std::vector<double> intervals_ms{100}, rates_mbps;
  double server_ms = 25, slo_ms = 0, seconds = 10;
};

void run(const Arguments& args) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  IpcContext ipc;
  EventLoop loop;
  FrameRecord record(args.services.size());
  std::vector<std::unique_ptr<ClientDouble>> clients;
  std::vector<std::unique_ptr<ModelDouble>> models;
  for (std::size_t i = 0; i < args.services.size(); ++i) {
    const RoadNames names{args.zmq_dir, args.services[i]};
    ClientDouble::Offer offer{args.frame_bytes,
                              from_milliseconds(args.intervals_ms[i % args.intervals_ms.size()]),
                              {},
                              from_milliseconds(args.slo_ms)};
    offer.first_after = offer.interval * i / args.services.size();
    clients.push_back(std::make_unique<ClientDouble>(ipc, loop, names, i, offer, record));
    models.push_back(
        std::make_unique<ModelDouble>(ipc, loop, names, from_milliseconds(args.server_ms), record));
  }
  AllocatorDouble allocator(ipc, loop, args.zmq_dir, args.services, args.rates_mbps, record);
  Subscriber plotter(
      ipc, loop, "ipc://" + args.zmq_dir + "/" + std::string(channel_names::socket("car-client-diagnostics")),
      [&](Time now, const std::string& message) {
        if (nlohmann::json::accept(message)) record.note("diagnostic", message, now);
      });
  const auto ender = loop.timer([&](Time) { loop.stop(); });
  const auto last = loop.timer([&](Time now) {
    for (const auto& client : clients) client->end();
    loop.arm(ender, now + kLastAnswers);
  });
  const Time began = EventLoop::now();
  for (const auto& client : clients) client->begin(began);
  loop.arm(last, began + from_seconds(args.seconds));
  loop.on_readable(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), [&](Time) { loop.stop(); });
  std::printf("ready\n");
  std::fflush(stdout);
  loop.run();
  std::FILE* file = std::fopen(args.output.c_str(), "we");
  if (!file) throw std::runtime_error("opening " + args.output + " failed");
  record.write(file);
  if (std::fclose(file) != 0) throw std::runtime_error("writing " + args.output + " failed");
}

}  // namespace
}  // namespace turbo

int main(int argc, char** argv) {
  turbo::Arguments args;
  CLI::App app{"Clients, model servers and an allocator around the two QUIC ends, to time every frame",
               "turbo-bench-frames"};
  app.add_option("--zmq-dir", args.zmq_dir, "Folder of the sockets, as both QUIC ends have it")
      ->capture_default_str();
  app.add_option("--services", args.services, "Service ids")->delimiter(',')->capture_default_str();
  app.add_option("--frame-bytes", args.frame_bytes, "Of every frame")->capture_default_str();
  app.add_option("--interval-ms", args.intervals_ms, "From frame to frame; one for all, or one a service")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option(
         "--rates-mbps", args.rates_mbps,
         "What the allocator guarantees each service; left out: equal shares of the reported bandwidth")
      ->delimiter(',');
  app.add_option("--server-ms", args.server_ms, "Until a model server answers")->capture_default_str();
  app.add_option("--slo-ms", args.slo_ms,
                 "Deadline that travels with each frame, from its hand-over; 0: none")
      ->capture_default_str();
  app.add_option("--seconds", args.seconds, "For how long frames are offered")->capture_default_str();
  app.add_option("--output", args.output, "JSON lines: frames, reports, diagnostics")->capture_default_str();
  if (const auto status = turbo::parse_command_line(app, "", argc, argv)) return *status;
  try {
    if (!args.rates_mbps.empty() && args.rates_mbps.size() != args.services.size())
      throw std::runtime_error("--rates-mbps: expected one for each service");
    turbo::run(args);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-bench-frames: %s\n", error.what());
    return 1;
  }
}
