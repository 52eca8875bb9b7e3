#pragma once
// What detectors would have seen on a drive that never was: an accuracy for every frame, camera and
// configuration, by chance, but the same for the same seed.
//
// A scenario has a hidden course: how difficult its frames are and how many small objects they hold, both
// slowly changing and in part common to its cameras, and stretches without any object. A model's accuracy
// follows from that course and its own skill, with errors of its own that also change slowly: so larger
// models are better on average, most where objects are small, but not always. Compression takes something
// from it, most from small models.

#include <cstdint>
#include <limits>
#include <vector>

#include "lab/evaluation_data/synthetic_models.h"

namespace turbo::lab {

inline constexpr int kSyntheticCameras = 5;

class SyntheticScenario {
 public:
  SyntheticScenario(std::uint64_t seed, int number, int frames);

  // Of every frame, for camera 1 to 5: 0 to 1, or kNothing where there is no object and none is reported.
  static constexpr double kNothing = -1;
  std::vector<double> accuracies(int camera, const SyntheticModel& model, const ModelConfig& config) const;

 private:
  struct Course {  // of one camera, a value a frame
    std::vector<double> difficulty, detail;
    std::vector<bool> empty;
  };
  std::uint64_t seed_;
  int number_, frames_;
  std::vector<Course> courses_;
};

}  // namespace turbo::lab
