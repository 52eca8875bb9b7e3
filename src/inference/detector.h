#pragma once
// A trained detector behind one call.

#include <memory>
#include <span>
#include <string>

#include "core/detection/detection.h"
#include "core/image/image.h"

namespace turbo {

struct DetectorOptions {
  std::string device = "cpu";    // or cuda:N
  int threads = 1;               // inside one operator; on cpu
  int classes = kObjectClasses;  // labels 0 to classes - 1 are taken
  int height = 0;                // the input's size that the configuration expects; 0: whatever the model has
  int width = 0;
  float min_score = 0.05f;  // rows below it are not worth sending
};

// An ONNX model of this contract: input `image` [1,3,H,W] float, red, green, blue planes, 0 to 1, of the
// frame stretched to H x W; output `detections` [1,K,6] float, rows x_min, y_min, x_max, y_max, score, label
// in pixels of that input. One thread at a time. Memory for input and output is taken once.
class Detector {
 public:
  // Loads, checks the contract and runs once, so that the first frame is as fast as the others. Throws
  // std::runtime_error with one line: which file, what is wrong with it, what to do.
  Detector(const std::string& path, const DetectorOptions& options);
  ~Detector();
  Detector(Detector&&) noexcept;
  Detector& operator=(Detector&&) noexcept;

  int height() const;
  int width() const;
  int max_detections() const;  // K

  // Fills the input: resizes (if need be) and normalises.
  void prepare(ImageView image);

  struct Outcome {
    std::span<Detection> detections;  // in pixels of the input, until the next call; may be scaled in place
    int dropped = 0;    // rows that are no detection: not finite, no such label, no area, score above 1
    std::string error;  // empty: done
  };
  Outcome infer();

  // All in one: prepares, infers, and scales the boxes to pixels of `frame`.
  Outcome detect(ImageView frame);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace turbo
