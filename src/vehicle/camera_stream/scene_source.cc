// A camera of the synthetic world.

#include <cmath>
#include <optional>

#include "inference/image.h"
#include "inference/preprocess.h"
#include "scene/scene.h"
#include "vehicle/camera_stream/camera_source.h"

namespace turbo {
namespace {

// CLOCK_MONOTONIC is one for all processes of a machine: so all cameras see one world, also one that was
// started again. The drive begins anew every hour.
double world_time_s(Time at) { return std::fmod(seconds(at.time_since_epoch()), 3600.0); }

class SceneSource : public CameraSource {
 public:
  SceneSource(std::uint64_t seed, int camera_id)
      : seed_(seed), camera_((camera_id + Scene::kCameras - 1) % Scene::kCameras + 1) {}

  Frame grab(Time due, MutableImageView out) override {
    if (!scene_) scene_.emplace(seed_);
    const double time_s = world_time_s(due);
    if (out.height == Scene::kHeight && out.width == Scene::kWidth) {
      scene_->render(time_s, camera_, {out.pixels, out.height, out.width, out.stride_bytes});
    } else {
      const auto full = full_size_.reshape(Scene::kHeight, Scene::kWidth);
      scene_->render(time_s, camera_, {full.pixels, full.height, full.width, full.stride_bytes});
      resizer_.resize(full, out);
    }
    truth_.clear();
    for (const auto& seen : scene_->truth(time_s, camera_, out.height, out.width))
      truth_.push_back({seen.box, 1.0f, seen.label});
    return {{}, due};
  }
  bool is_live() const override { return false; }
  const Detections* truth() const override { return &truth_; }
  std::string name() const override { return "scene"; }

 private:
  std::uint64_t seed_;
  int camera_;
  std::optional<Scene> scene_;
  Image full_size_;
  Resizer resizer_;
  Detections truth_;
};

}  // namespace

std::unique_ptr<CameraSource> make_scene_source(std::uint64_t seed, int camera_id) {
  return std::make_unique<SceneSource>(seed, camera_id);
}

}  // namespace turbo
