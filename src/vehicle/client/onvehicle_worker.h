#pragma once
// The on-vehicle model in a thread of its own, so that a frame is compressed for the cloud while the vehicle
// looks at it. One frame at a time: the client takes the next one only when both are done with this one.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/detection/detection.h"
#include "core/image/image.h"
#include "core/time.h"
#include "inference/detector.h"

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
  ~OnvehicleWorker();
  OnvehicleWorker(const OnvehicleWorker&) = delete;

  // The frame's memory must stay until the result is there. Only while idle().
  void start(std::uint64_t context_id, ImageView frame);
  bool idle() const;  // no frame is being looked at and no result waits

  // Readable while a result waits.
  int fd() const { return event_fd_; }
  std::optional<Result> take();

 private:
  void run();

  Detector detector_;
  int event_fd_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t context_id_ = 0;
  std::optional<ImageView> frame_;
  std::optional<Result> result_;
  bool busy_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace turbo
