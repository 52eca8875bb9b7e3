#include "vehicle/camera_stream/camera_source.h"

namespace turbo {

std::unique_ptr<CameraSource> make_camera_source(const CameraStreamConfig& config) {
  if (config.source == "v4l2")
    return make_device_source(config.usb_id, config.camera_size, config.frames_per_second);
  if (config.source == "video") return make_video_source(config.video_path);
  if (config.source == "image") return make_image_source(config.mock_camera_image_path);
  return make_scene_source(config.scene_seed, config.camera_id);
}

}  // namespace turbo
