#pragma once
// Brings frames from a source into the ring, on a thread of its own.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "transport/shm/frame_ring.h"
#include "vehicle/camera_stream/camera_source.h"
#include "vehicle/camera_stream/frame_clock.h"
#include "vehicle/camera_stream/truth_log.h"

namespace turbo {

// A source that makes its frames is asked shortly before each is due, and the frame is published when it is
// due: as if seen at that instant. A source that fails is asked again, less and less often; only a change of
// its state is logged.
class FrameCapturer {
 public:
  struct Options {
    ImageSize size;
    double frames_per_second = 5;
    double phase = 0;
  };
  // on_change is called on the capturing thread: a frame was published, or the source's state changed.
  FrameCapturer(std::unique_ptr<CameraSource> source, FrameRing& ring, const Options& options,
                std::optional<TruthLog> truth, std::function<void()> on_change);
  ~FrameCapturer();  // stops; may wait for a device's time-out
  FrameCapturer(const FrameCapturer&) = delete;

  // Any thread.
  std::string trouble() const;  // why there are no frames now; empty: there are
  std::uint64_t published() const;
  const std::string& source_name() const { return source_name_; }

 private:
  void run();
  std::string take_frame(Time due);  // returns why there is none
  bool wait_until(Time time);        // false: to stop
  void show(Time captured);
  void note(const std::string& trouble);
  Time start_of(Time due) const;

  std::unique_ptr<CameraSource> source_;
  const std::string source_name_;
  FrameRing& ring_;
  const Options options_;
  const FrameClock clock_;
  std::optional<TruthLog> truth_;
  const std::function<void()> on_change_;

  std::uint64_t last_context_id_ = 0;
  Duration slowest_{};  // of recent grabs, forgotten slowly

  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  std::uint64_t published_ = 0;
  std::string trouble_;
  std::thread thread_;
};

}  // namespace turbo
