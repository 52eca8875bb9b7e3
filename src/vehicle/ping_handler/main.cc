// turbo-ping-handler: how long a message to the cloud and back takes.

#include "process/client_config.h"
#include "process/process.h"
#include "vehicle/ping_handler/ping_handler.h"

namespace {

// HOST of HOST[:PORT]; an IPv6 address with a port stands in brackets.
std::string host_of(const std::string& server) {
  if (server.starts_with('[')) return server.substr(1, server.find(']') - 1);
  const auto colon = server.find(':');
  return colon == server.rfind(':') ? server.substr(0, colon) : server;
}

}  // namespace

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "ping-handler",
      .about =
          "Pings the cloud (ICMP echo, every 250 ms) and answers \"ping\" on its socket with the round-trip "
          "time "
          "in ms; a lost ping counts as 1000 ms.",
      .config = "config/client_config.yaml",
      .server_help = "The host to ping, HOST[:PORT] (the port is not used); wins over dst_ip",
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const turbo::ClientConfig config = turbo::load_client_config(process.arguments().config);
    if (process.arguments().check) return process.checked();
    process.open_run_folder(config.experiment_output_dir);
    const std::string& server = process.arguments().server;
    turbo::PingHandler handler(process, server.empty() ? config.ping_handler.dst_ip : host_of(server),
                               config.ping_handler.bidirectional_zmq_sockname);
    process.listen_for_abort(config.ping_handler.zmq_kill_switch_sockname);
    return process.run();
  });
}
