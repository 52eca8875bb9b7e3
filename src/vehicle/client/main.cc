// turbo-client: one camera's frames to answers.

#include "vehicle/client/client.h"

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "client",
      .about =
          "Takes the newest frame of one camera, has it looked at on the vehicle and, compressed as the "
          "bandwidth "
          "allocator says, in the cloud, and delivers detections by the deadline.",
      .config = "config/client_config.yaml",
      .per_service = true,
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const turbo::ClientConfig config = turbo::load_client_config(process.arguments().config);
    const turbo::MainClientConfig& mine = config.client(process.arguments().service_id);
    if (process.arguments().check) return process.checked();
    process.listen_for_abort(mine.zmq_kill_switch_sockname);
    const std::string folder = process.open_run_folder(config.experiment_output_dir);
    turbo::Client client(process, mine, folder);
    const int exit_code = process.run();
    client.finish();
    return exit_code;
  });
}
