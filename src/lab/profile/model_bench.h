#pragma once
// A model in all its configurations, run frame by frame by the code that the vehicle and the cloud run.

#include <cstdint>
#include <string>
#include <vector>

#include "core/utility/model_config.h"
#include "inference/detector.h"
#include "inference/image_codec.h"
#include "inference/preprocess.h"
#include "inference/region_canvas.h"

namespace turbo {

struct ProfiledModel {
  std::string name;
  std::string path;
  bool onvehicle = false;  // sends nothing: one configuration, of size 0
};

struct Variant {
  ModelConfig config;
  bool whole_frame = false;  // is what travels
};

// All that may be asked of the cloud: nothing compressed (first the whole frame, then the resized one), the
// whole frame compressed, the resized one compressed; and of each region the resized one's JPEGs. Of an
// on-vehicle model only the first.
std::vector<Variant> variants_of(const ProfiledModel& model, const std::vector<FrameRegion>& regions = {});

// One thread. Errors are std::runtime_error, one line that begins with the file or the configuration.
class ModelBench {
 public:
  // Throws when the model cannot be loaded.
  ModelBench(const ProfiledModel& model, const std::string& device);

  // The frame that run() is about, until the next one.
  void take(ImageView frame);

  struct Answer {
    double megabits = 0;
    double runtime_ms = 0;  // decode, resize, normalise, infer; of the processor on the cpu, else of the wall
    Detections detections;  // in the frame's pixels
  };
  // outside: what the vehicle sees, which counts where a region has nothing.
  Answer run(const Variant& variant, const Detections& outside);

 private:
  Detector detector_;
  const bool own_time_;
  ImageView frame_;
  Resizer resizer_;
  ImageCodec codec_;
  RegionCanvas canvas_;
  Image resized_;
  std::vector<std::uint8_t> encoded_;
};

}  // namespace turbo
