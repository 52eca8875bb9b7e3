#include "lab/simulate/cameras.h"

#include <algorithm>
#include <cmath>

#include "core/framing/frame.h"
#include "lab/simulate/chance.h"

namespace turbo::simulate {

Cameras::Cameras(const Scenario& scenario, Time now, Records& records)
    : began_(now), slo_(scenario.slo), records_(records) {
  for (std::size_t i = 0; i < scenario.cameras.size(); ++i) {
    const CameraSettings& settings = scenario.cameras[i];
    Camera camera{settings, scene::Dice(scenario.seed, 2, static_cast<std::int64_t>(i)), 0, kNever, {}};
    if (settings.frames_per_s > 0)
      camera.next_frame = now + settings.phase;
    else
      back_to_back_ = true;
    cameras_.push_back(std::move(camera));
  }
  arm();
}

void Cameras::on_timer(Time now, Vehicle& vehicle) {
  for (std::size_t i = 0; i < cameras_.size(); ++i) {
    Camera& camera = cameras_[i];
    if (now >= camera.next_frame) {
      if (const auto frame = take(now, i, vehicle)) camera.compressing.push_back(*frame);
      // From the start, so that rounding does not add up.
      camera.next_frame = began_ + camera.settings.phase +
                          from_seconds(static_cast<double>(++camera.taken) / camera.settings.frames_per_s);
    }
    while (!camera.compressing.empty() &&
           now >= records_.frames[camera.compressing.front()].captured + camera.settings.compression_time) {
      const std::size_t frame = camera.compressing.front();
      camera.compressing.pop_front();
      vehicle.on_frame(now, frame);
    }
  }
  arm();
}

void Cameras::refill(Time now, Vehicle& vehicle) {
  if (!back_to_back_) return;
  for (std::size_t i = 0; i < cameras_.size(); ++i)
    while (cameras_[i].settings.frames_per_s <= 0 && !vehicle.waiting(i))
      if (const auto frame = take(now, i, vehicle))
        vehicle.on_frame(now, *frame);
      else
        break;
}

std::optional<std::size_t> Cameras::take(Time now, std::size_t camera, Vehicle& vehicle) {
  const CameraSettings& settings = cameras_[camera].settings;
  const Duration slo = settings.slo > Duration::zero() ? settings.slo : slo_;
  FrameRecord& record = records_.frames.emplace_back();
  record.service = camera;
  record.config = vehicle.config(camera);
  record.captured = now;
  record.deadline = slo == Duration::max() ? kNever : now + slo;
  const FrameOrder order = vehicle.order(now, camera);
  if (!order.sent) return std::nullopt;
  record.server_ms = order.server_ms;
  const double mean = order.mean_bytes > 0 ? order.mean_bytes : settings.frame_bytes;
  const double bytes = log_normal(cameras_[camera].dice, mean, settings.size_spread);
  record.bytes =
      static_cast<std::int64_t>(kFrameHeaderBytes) + std::max<std::int64_t>(1, std::llround(bytes));
  return records_.frames.size() - 1;
}

void Cameras::arm() {
  next_deadline_ = kNever;
  for (const Camera& camera : cameras_) {
    next_deadline_ = std::min(next_deadline_, camera.next_frame);
    if (!camera.compressing.empty())
      next_deadline_ = std::min(next_deadline_, records_.frames[camera.compressing.front()].captured +
                                                    camera.settings.compression_time);
  }
}

}  // namespace turbo::simulate
