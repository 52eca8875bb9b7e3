#pragma once
// COCO average precision, 0.5:0.95: how good detections are, against the truth. Pure; the definition is that
// of pycocotools: a class at a time, over all images; 10 thresholds of overlap; greedy matching by score;
// precision read at 101 recalls; at most 100 detections of a class an image.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/detection/detection.h"

namespace turbo {

struct TruthBox {
  Box box;
  int label = 0;  // an ObjectClass
};

// Intersection over union, 0 to 1.
double overlap(const Box& a, const Box& b);

class AveragePrecision {
 public:
  static constexpr int kThresholds = 10;  // 0.50, 0.55 ... 0.95
  static constexpr std::size_t kMaxDetections = 100;

  // One image. Boxes in the same pixels. Labels outside 0 to kObjectClasses - 1 are left out.
  void add(std::span<const Detection> detections, std::span<const TruthBox> truth);
  // Another's images, as if they had been added here.
  void add(const AveragePrecision& other);

  // No image has anything to see, and nothing was reported in any: right, though there is no precision of it.
  bool rightly_empty() const;

  struct Result {
    double mean = 0;  // over the classes that the truth has; 0 when it has none
    std::array<std::optional<double>, kObjectClasses> of_class;
    int images = 0;
  };
  Result result() const;

 private:
  struct Scored {
    float score;
    std::uint16_t hits;  // bit k: a true positive at threshold k
  };
  struct PerClass {
    std::vector<Scored> scored;
    std::size_t truths = 0;
  };
  std::array<PerClass, kObjectClasses> classes_;
  int images_ = 0;
};

}  // namespace turbo
