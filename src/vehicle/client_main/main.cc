// turbo-client-main: the vehicle's processes, started, watched and stopped.

#include <algorithm>

#include "process/child_check.h"
#include "process/process.h"
#include "process/quic_config.h"
#include "process/supervisor.h"
#include "vehicle/client_main/vehicle_processes.h"

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "client-main",
      .about =
          "Starts, watches and stops the vehicle's processes: camera streams, clients, QUIC client, "
          "bandwidth "
          "allocator, ping handler and plotter. Ctrl-C stops them all.",
      .config = "config/client_config.yaml",
      .server_help =
          "The cloud, HOST[:PORT], of the QUIC client and the ping handler; wins over the configurations",
      .flags = {{"mock-camera", "Every camera stream shows its mock_camera_image_path"}},
      .external_example = "client-1,plotter",
      .is_main = true,
      .quic_config = "config/quic_config_client.yaml",
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const turbo::ClientConfig config = turbo::load_client_config(process.arguments().config);
    turbo::check_vehicle(config, turbo::load_quic_config(process.arguments().quic_config),
                         process.arguments());
    const auto children =
        turbo::vehicle_processes(config, process.arguments(), "");  // checks --external, too
    if (process.arguments().check) {
      turbo::check_children(children);
      return process.checked();
    }
    const turbo::OwnerLock owner = turbo::own_side(config.zmq_dir, "client-main");
    const std::string folder = process.open_run_folder(config.experiment_output_dir);
    turbo::Supervisor supervisor(process, turbo::vehicle_processes(config, process.arguments(), folder),
                                 folder + "/supervision.jsonl");
    return supervisor.run();
  });
}
