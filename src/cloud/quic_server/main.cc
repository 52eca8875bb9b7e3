// turbo-quic-server: the vehicles' requests to the model servers, and the answers back.

#include "cloud/quic_server/cloud_end.h"
#include "process/logging.h"

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "quic-server",
      .about =
          "Listens for vehicles over QUIC, hands their freshest requests to the model servers and sends each "
          "answer to the vehicle that asked.",
      .config = "config/quic_config_gcloud.yaml",
      .server_help = "Where to listen, HOST[:PORT]; wins over server_address",
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const turbo::QuicConfig config = turbo::load_quic_config(process.arguments().config);
    const auto listen = turbo::choose_host_port(process.arguments().server, config.server_address);
    if (!listen)
      throw turbo::UsageError("--server " + process.arguments().server + ": expected HOST or HOST:PORT");
    if (process.arguments().check) return process.checked();
    const std::string folder = process.open_run_folder(config.server_output_dir);
    if (const std::string warning = turbo::private_key_warning(config.private_key_path); !warning.empty())
      turbo::log_warning(warning);
    turbo::CloudEnd end(process, config, *listen, folder);
    return process.run();
  });
}
