// turbo-server-main: the cloud's processes, started, watched and stopped.

#include <algorithm>

#include "process/child_check.h"
#include "process/process.h"
#include "process/quic_config.h"
#include "process/server_config.h"
#include "process/supervisor.h"
#include "transport/quic/host_port.h"

namespace {

// What neither file shows alone.
void check_cloud(const turbo::ServerConfig& config, const turbo::QuicConfig& quic,
                 const turbo::Arguments& arguments) {
  const auto ours = [&](const std::string& name) {
    return std::find(arguments.external.begin(), arguments.external.end(), name) == arguments.external.end();
  };
  if (!turbo::choose_host_port(arguments.server, quic.server_address))
    throw turbo::UsageError("--server " + arguments.server + ": expected HOST or HOST:PORT");
  turbo::check_same_folder(config.path, config.zmq_dir, quic);
  if (ours("quic-server")) {
    turbo::check_file_exists(quic.path, "certificate_path", quic.certificate_path);
    turbo::check_file_exists(quic.path, "private_key_path", quic.private_key_path);
    turbo::check_file_exists(quic.path, "fleet_ca_certificate_path", quic.fleet_ca_certificate_path);
  }
  for (const auto& server : config.servers) {
    turbo::check_has_service(config.path, server.service_id, quic);
    if (arguments.has("mock-inference") || !ours("model-server-" + std::to_string(server.service_id)))
      continue;
    for (const auto& model : server.models)
      turbo::check_file_exists(config.path, "checkpoint_path", model.checkpoint_path);
  }
}

std::vector<turbo::ChildSpec> cloud_processes(const turbo::ServerConfig& config,
                                              const turbo::Arguments& arguments,
                                              const std::string& run_folder) {
  std::vector<turbo::ChildSpec> children;
  for (const auto& server : config.servers) {
    const std::string id = std::to_string(server.service_id), name = "model-server-" + id;
    children.push_back({.name = name,
                        .command = {turbo::sibling_program("turbo-model-server"), "--config", config.path,
                                    "--run-dir", run_folder + "/" + name, "--service-id", id},
                        .kill_switch = server.zmq_kill_switch_sockname});
    if (arguments.has("mock-inference")) children.back().command.push_back("--mock-inference");
  }
  children.push_back({.name = "quic-server",
                      .command = {turbo::sibling_program("turbo-quic-server"), "--config",
                                  arguments.quic_config, "--run-dir", run_folder + "/quic-server"},
                      .kill_switch = ""});
  if (!arguments.server.empty())
    children.back().command.insert(children.back().command.end(), {"--server", arguments.server});
  turbo::mark_external(children, arguments.external);
  return children;
}

}  // namespace

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "server-main",
      .about =
          "Starts, watches and stops the cloud's processes: QUIC server and model servers. Ctrl-C stops them "
          "all.",
      .config = "config/server_config_gcloud.yaml",
      .server_help = "Where the QUIC server listens, HOST[:PORT]; wins over server_address",
      .flags = {{"mock-inference",
                 "The model servers answer from mock_inference_output_path instead of a model"}},
      .external_example = "model-server-1,quic-server",
      .is_main = true,
      .quic_config = "config/quic_config_gcloud.yaml",
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const turbo::ServerConfig config = turbo::load_server_config(process.arguments().config);
    check_cloud(config, turbo::load_quic_config(process.arguments().quic_config), process.arguments());
    // An unknown --external is told before anything starts.
    const auto children = cloud_processes(config, process.arguments(), "");
    if (process.arguments().check) {
      turbo::check_children(children);
      return process.checked();
    }
    const turbo::OwnerLock owner = turbo::own_side(config.zmq_dir, "server-main");
    const std::string folder = process.open_run_folder(config.experiment_output_dir);
    turbo::Supervisor supervisor(process, cloud_processes(config, process.arguments(), folder),
                                 folder + "/supervision.jsonl");
    return supervisor.run();
  });
}
