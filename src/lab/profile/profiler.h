#pragma once
// What every configuration of a model costs and is worth, on frames of the scene: bytes of a frame, the model
// server's time, and COCO AP.

#include <atomic>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "lab/profile/model_bench.h"

namespace turbo {

struct ProfileOptions {
  std::vector<ProfiledModel> models;
  std::string device = "cpu";
  std::uint64_t seed = 301;
  int frames = 100;
  double step_s = 3.7;  // of the drive, from frame to frame
  std::vector<int> cameras = {1, 2, 3};
  // Beside whole frames: the resized input's JPEGs of these parts of it. Their worth is that of what is
  // delivered, with the boxes of the first on-vehicle model outside.
  std::vector<FrameRegion> regions;
};

struct ProfileRow {
  ModelConfig config;
  double size_megabits = 0;  // 90th percentile over the frames
  double runtime_ms = 0;     // median: decode, resize, normalise, infer
  double utility = 0;        // COCO AP 0.5:0.95
};

// Progress goes to `progress`, a line a model and dots.
// Throws std::runtime_error on a model that cannot be loaded, and on regions without an on-vehicle model;
// Interrupted after `stop`.
std::vector<ProfileRow> profile(const ProfileOptions& options, std::ostream& progress,
                                const std::atomic<bool>& stop);

// Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]
void write_model_table(const std::vector<ProfileRow>& rows, std::ostream& out);

// The value below which `part` of the values lie; 0 of none.
double quantile(std::vector<double> values, double part);

}  // namespace turbo
