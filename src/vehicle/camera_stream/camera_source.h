#pragma once
// Where frames come from: one small interface, several kinds behind it.

#include <memory>
#include <string>

#include "core/detection/detection.h"
#include "core/image/image.h"
#include "core/time.h"
#include "process/client_config.h"

namespace turbo {

// The capture thread's only. A source opens what it needs when
// it is first asked for a frame, and again after a failure.
class CameraSource {
 public:
  virtual ~CameraSource() = default;

  struct Frame {
    std::string error;  // empty: the frame is in `out`. Else one line of why; the caller asks again later
    Time captured{};    // when it was seen; of a source that makes its frames: `due`
  };
  // Fills `out`, whatever its size. A live source waits for its first frame after `due`; any other makes the
  // frame of that moment at once, so it can be asked ahead of it.
  virtual Frame grab(Time due, MutableImageView out) = 0;
  virtual bool is_live() const = 0;

  // What is to be seen in the frame last grabbed, where the source knows: boxes in its pixels, scores of 1.
  virtual const Detections* truth() const { return nullptr; }

  // Any thread: a grab() that waits for a device gives up soon.
  virtual void stop() {}

  // A file, a device, an address, "scene".
  virtual std::string name() const = 0;
};

// The kind that the configuration names. Does not open it yet.
std::unique_ptr<CameraSource> make_camera_source(const CameraStreamConfig& config);

std::unique_ptr<CameraSource> make_scene_source(std::uint64_t seed, int camera_id);
std::unique_ptr<CameraSource> make_image_source(const std::string& path);
std::unique_ptr<CameraSource> make_video_source(const std::string& path_or_address);
std::unique_ptr<CameraSource> make_device_source(int usb_id, ImageSize wanted, double frames_per_second);

}  // namespace turbo
