#pragma once
// The on-vehicle model in a thread of its own.

#include <cstdint>
#include <optional>
#include <string>

#include "core/detection/detection.h"
#include "core/image/image.h"
#include "core/time.h"
#include "inference/detector.h"
#include "vehicle/client/worker.h"

namespace turbo {

class OnvehicleWorker {
 public:
  struct Result {
    std::uint64_t context_id = 0;
    Detections detections;  // pixels of the frame
    Duration runtime{};
    std::string error;  // empty: done
  };

  explicit OnvehicleWorker(Detector detector);

  // The frame's memory must stay until the result is there. Only while idle().
  void start(std::uint64_t context_id, ImageView frame) { worker_.start({context_id, frame}); }
  bool idle() const { return worker_.idle(); }
  int fd() const { return worker_.fd(); }
  std::optional<Result> take() { return worker_.take(); }

 private:
  struct Job {
    std::uint64_t context_id = 0;
    ImageView frame;
  };
  Result look(const Job& job);

  Detector detector_;  // the thread's; outlives it
  Worker<Job, Result> worker_;
};

}  // namespace turbo
