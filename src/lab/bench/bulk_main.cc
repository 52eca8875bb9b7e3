// turbo-bench-bulk: bulk transfers over our QUIC transport, as JSON lines. Its counts are read by
// bench/transport.

#include <signal.h>
#include <sys/signalfd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "lab/bench/bulk_client.h"
#include "lab/command_line/command_line.h"

namespace turbo {
namespace {

constexpr Duration kReportInterval = std::chrono::milliseconds(100);
constexpr Duration kPatience = std::chrono::seconds(20);  // without a connection or a byte

struct Arguments {
  std::string address = "127.0.0.1";
  std::uint16_t port = 4433;
  std::string certificates = ".cache/authority";
  std::uint64_t bytes = 1'000'000'000;
  double seconds = 10;
};

long long nanoseconds_of(Time at) { return at.time_since_epoch().count(); }

void stop_on_signal(EventLoop& loop) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  loop.on_readable(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), [&loop](Time) { loop.stop(); });
}

QuicServerConfig server_config(const Arguments& args) {
  QuicServerConfig config{args.address,
                          args.port,
                          args.certificates + "/turbo-server.pem",
                          args.certificates + "/turbo-server.key",
                          {}};
  config.settings.max_connections = 256;
  config.settings.max_half_open = 256;
  return config;
}

QuicClientConfig client_config(const Arguments& args) {
  return {args.address, args.port, "turbo-server", args.certificates + "/ca.pem", 1, {}};
}

int serve(const Arguments& args) {
  EventLoop loop;
  stop_on_signal(loop);
  BulkServer server(loop, server_config(args));
  loop.every(kReportInterval, [&](Time now) {
    std::printf("{\"t_ns\":%lld,\"received\":%llu,\"clients\":%zu}\n", nanoseconds_of(now),
                static_cast<unsigned long long>(server.received_bytes()), server.clients());
    std::fflush(stdout);
  });
  loop.run();
  return 0;
}

int fetch(const Arguments& args) {
  EventLoop loop;
  BulkClient client(loop, client_config(args), args.bytes);
  const Time began = EventLoop::now();
  Time last_life = began;
  for (std::uint64_t seen = 0; client.received_bytes() < args.bytes; seen = client.received_bytes()) {
    loop.run_once(EventLoop::now() + kReportInterval);
    if (client.received_bytes() != seen) last_life = EventLoop::now();
    if (EventLoop::now() - last_life > kPatience) throw std::runtime_error("no data: " + client.trouble());
  }
  std::printf("{\"began_ns\":%lld,\"connected_ns\":%lld,\"ended_ns\":%lld,\"bytes\":%llu}\n",
              nanoseconds_of(began), nanoseconds_of(client.connected_at()),
              nanoseconds_of(client.last_received_at()),
              static_cast<unsigned long long>(client.received_bytes()));
  return 0;
}

int send(const Arguments& args) {
  EventLoop loop;
  stop_on_signal(loop);
  BulkClient client(loop, client_config(args), 0);
  const Time give_up = EventLoop::now() + kPatience;
  while (!client.connected()) {
    loop.run_once(EventLoop::now() + kReportInterval);
    if (EventLoop::now() > give_up) throw std::runtime_error("no connection: " + client.trouble());
  }
  std::printf("{\"connected_ns\":%lld}\n", nanoseconds_of(client.connected_at()));
  std::fflush(stdout);
  const auto ender = loop.timer([&](Time) { loop.stop(); });
  loop.arm(ender, client.connected_at() + from_seconds(args.seconds));
  loop.run();
  return 0;
}

void declare(CLI::App& app, Arguments& args) {
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--address", args.address, "Of the server")->capture_default_str();
  app.add_option("--port", args.port, "Of the server")->capture_default_str();
  app.add_option("--certificates", args.certificates,
                 "Folder with ca.pem, turbo-server.pem and turbo-server.key")
      ->capture_default_str();
}

}  // namespace
}  // namespace turbo

int main(int argc, char** argv) {
  using namespace turbo;
  Arguments args;
  CLI::App app{"Bulk transfers over the QUIC transport, measured", "turbo-bench-bulk"};
  declare(app, args);
  auto* server = app.add_subcommand("serve", "Be the server; a line of counts every 100 ms, until SIGTERM");
  auto* fetcher =
      app.add_subcommand("fetch", "Have the server send so many bytes; one line when they are here");
  fetcher->add_option("--bytes", args.bytes, "How many, at least 1")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  auto* sender = app.add_subcommand("send", "Send as fast as possible");
  sender->add_option("--seconds", args.seconds, "For how long, once connected")->capture_default_str();
  if (const auto status = parse_command_line(app, "", argc, argv)) return *status;
  try {
    if (*server) return serve(args);
    if (*fetcher) return fetch(args);
    return send(args);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "turbo-bench-bulk: %s\n", error.what());
    return 1;
  }
}
