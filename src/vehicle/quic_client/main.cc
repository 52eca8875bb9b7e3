// turbo-quic-client: the clients' requests over the network to the cloud, and the answers back.

#include "process/logging.h"
#include "vehicle/quic_client/vehicle_end.h"

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "quic-client",
      .about =
          "Carries the clients' requests to the cloud over QUIC, newest first and within the allocated "
          "rates, and "
          "the answers back; tells the bandwidth allocator what the link carries.",
      .config = "config/quic_config_client.yaml",
      .server_help = "The QUIC server, HOST[:PORT]; wins over server_address",
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const turbo::QuicConfig config = turbo::load_quic_config(process.arguments().config);
    const auto server = turbo::choose_host_port(process.arguments().server, config.server_address);
    if (!server)
      throw turbo::UsageError("--server " + process.arguments().server + ": expected HOST or HOST:PORT");
    if (process.arguments().check) return process.checked();
    const std::string folder = process.open_run_folder(config.client_output_dir);
    if (const std::string warning = turbo::private_key_warning(config.vehicle_private_key_path);
        !warning.empty())
      turbo::log_warning(warning);
    turbo::VehicleEnd end(process, config, *server, folder);
    return process.run();
  });
}
