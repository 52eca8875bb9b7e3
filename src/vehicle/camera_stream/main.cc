// turbo-camera-stream: one camera's frames, in shared memory for whoever asks.

#include "inference/preprocess.h"
#include "process/logging.h"
#include "process/process.h"
#include "vehicle/camera_stream/camera_stream.h"

namespace {

// This camera's share of the period between two frames, so that the vehicle's cameras take turns.
double phase_of(const turbo::ClientConfig& config, const turbo::CameraStreamConfig& camera) {
  double index = 0;
  for (const auto& other : config.camera_streams) {
    if (other.camera_id == camera.camera_id) break;
    ++index;
  }
  return index / static_cast<double>(config.camera_streams.size());
}

turbo::CameraStreamConfig camera_config(const turbo::ClientConfig& all, const turbo::Arguments& arguments) {
  auto camera = all.camera_stream(arguments.service_id);
  if (arguments.has("mock-camera")) {
    if (camera.mock_camera_image_path.empty())
      throw turbo::UsageError(all.path + ": --mock-camera needs mock_camera_image_path for camera " +
                              std::to_string(camera.camera_id));
    camera.source = "image";
  }
  return camera;
}

}  // namespace

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "camera-stream",
      .about =
          "Takes the frames of one camera (--service-id: its camera_id) and lends them to readers where they "
          "lie.",
      .config = "config/client_config.yaml",
      .per_service = true,
      .flags = {{"mock-camera", "Show the still image of mock_camera_image_path, whatever the source is"}},
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const auto all = turbo::load_client_config(process.arguments().config);
    const auto camera = camera_config(all, process.arguments());
    if (process.arguments().check) return process.checked();
    const auto folder = process.open_run_folder(all.experiment_output_dir);
    turbo::use_one_image_thread();
    auto source = turbo::make_camera_source(camera);
    const bool knows_truth = source->truth() != nullptr;
    turbo::CameraStream stream(process.ipc(), process.loop(), camera, std::move(source),
                               phase_of(all, camera), knows_truth ? folder + "/truth.jsonl" : "");
    process.listen_for_abort(camera.zmq_kill_switch_sockname);
    turbo::log_info(camera.source, " at ", camera.frames_per_second, " frames/s, ", stream.slots(),
                    " frames in ", camera.camera_stream_shmem_filename);
    const int exit_code = process.run();
    turbo::log_info("frames ", stream.published());
    return exit_code;
  });
}
