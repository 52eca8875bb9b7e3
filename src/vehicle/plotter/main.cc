// turbo-plotter: what a person sees.

#include "process/client_config.h"
#include "process/process.h"
#include "vehicle/plotter/plotter.h"

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "plotter",
      .about =
          "Collects the diagnostics of the vehicle's processes, shows the last minutes on a page (the host "
          "and "
          "port of main_plotter_config) and as JSON at /api/history, and keeps the last 64 to 128 MiB of "
          "them in "
          "diagnostics.jsonl and diagnostics.1.jsonl.",
      .config = "config/client_config.yaml",
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const turbo::ClientConfig config = turbo::load_client_config(process.arguments().config);
    if (process.arguments().check) return process.checked();
    const std::string folder = process.open_run_folder(config.experiment_output_dir);
    turbo::Plotter plotter(process, config.plotter, folder + "/diagnostics.jsonl");
    return process.run();
  });
}
