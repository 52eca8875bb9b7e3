// turbo-quic-server: the vehicles' requests to the model servers, and the answers back.

#include "cloud/quic_server/cloud_end.h"

namespace {

turbo::HostPort address_of(const turbo::Arguments& arguments, const turbo::QuicConfig& config) {
  const auto configured = turbo::parse_host_port(config.server_address, 0);
  if (arguments.server.empty() && configured) return *configured;
  const auto given = turbo::parse_host_port(arguments.server, configured ? configured->port : 0);
  if (!given) throw turbo::UsageError("--server " + arguments.server + ": expected HOST or HOST:PORT");
  return *given;
}

}  // namespace

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "quic-server",
      .about =
          "Listens for vehicles over QUIC, hands their freshest requests to the model servers and sends each "
          "answer to the vehicle that asked.",
      .config = "config/quic_config_gcloud.yaml",
      .has_server_address = true,
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const turbo::QuicConfig config = turbo::load_quic_config(process.arguments().config);
    const turbo::HostPort listen = address_of(process.arguments(), config);
    if (process.arguments().check) return process.checked();
    process.open_run_folder(config.experiment_output_dir);
    turbo::CloudEnd end(process, config, listen);
    return process.run();
  });
}
