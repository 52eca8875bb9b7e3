// turbo-bandwidth-allocator: which configuration and how much bandwidth for each service.

#include "process/client_config.h"
#include "process/process.h"
#include "vehicle/bandwidth_allocator/bandwidth_allocator.h"
#include "vehicle/bandwidth_allocator/configured_planner.h"

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "bandwidth-allocator",
      .about =
          "Chooses a model configuration and a bandwidth for every service, from the QUIC client's {bw, "
          "rtt}, the "
          "ping handler's RTT and the model table, and tells it to the QUIC client, the clients and the "
          "plotter.",
      .config = "config/client_config.yaml",
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const turbo::ClientConfig config = turbo::load_client_config(process.arguments().config);
    turbo::Planner planner = turbo::make_planner(config.bandwidth_allocator);
    if (process.arguments().check) return process.checked();
    process.open_run_folder(config.experiment_output_dir);
    turbo::BandwidthAllocator allocator(process, config.bandwidth_allocator, std::move(planner));
    process.listen_for_abort(config.bandwidth_allocator.zmq_kill_switch_sockname);
    return process.run();
  });
}
