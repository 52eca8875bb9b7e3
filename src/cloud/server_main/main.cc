// turbo-server-main: the cloud's processes, started, watched and stopped.

#include "process/process.h"
#include "process/quic_config.h"
#include "process/server_config.h"
#include "process/supervisor.h"

namespace {

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
  turbo::leave_out_external(children, arguments.external);
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
      .has_server_address = true,
      .flags = {{"mock-inference",
                 "The model servers answer from mock_inference_output_path instead of a model"}},
      .is_main = true,
      .quic_config = "config/quic_config_gcloud.yaml",
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const turbo::ServerConfig config = turbo::load_server_config(process.arguments().config);
    turbo::load_quic_config(process.arguments().quic_config);
    cloud_processes(config, process.arguments(), "");  // an unknown --external is told before anything starts
    if (process.arguments().check) return process.checked();
    const turbo::OwnerLock owner = turbo::own_side(config.zmq_dir, "server-main");
    const std::string folder = process.open_run_folder(config.experiment_output_dir);
    turbo::Supervisor supervisor(process, cloud_processes(config, process.arguments(), folder),
                                 folder + "/supervision.jsonl");
    return supervisor.run();
  });
}
