#include "vehicle/client/onvehicle_worker.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace turbo {

OnvehicleWorker::OnvehicleWorker(Detector detector)
    : detector_(std::move(detector)), event_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_fd_ < 0) throw std::runtime_error("starting the on-vehicle model: no eventfd");
  thread_ = std::thread([this] { run(); });
}

OnvehicleWorker::~OnvehicleWorker() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
  ::close(event_fd_);
}

void OnvehicleWorker::start(std::uint64_t context_id, ImageView frame) {
  {
    const std::lock_guard lock(mutex_);
    context_id_ = context_id;
    frame_ = frame;
    busy_ = true;
  }
  wake_.notify_one();
}

bool OnvehicleWorker::idle() const {
  const std::lock_guard lock(mutex_);
  return !busy_ && !result_;
}

std::optional<OnvehicleWorker::Result> OnvehicleWorker::take() {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  if (::read(event_fd_, &count, sizeof count) < 0) return std::nullopt;
  return std::exchange(result_, std::nullopt);
}

void OnvehicleWorker::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || frame_; });
    if (stop_) return;
    const ImageView frame = *std::exchange(frame_, std::nullopt);
    Result result{.context_id = context_id_, .detections = {}, .runtime = {}, .error = {}};
    lock.unlock();
    const auto begin = std::chrono::steady_clock::now();
    const Detector::Outcome outcome = detector_.detect(frame);
    result.runtime = std::chrono::steady_clock::now() - begin;
    result.detections.assign(outcome.detections.begin(), outcome.detections.end());
    result.error = outcome.error;
    lock.lock();
    result_ = std::move(result);
    busy_ = false;
    const std::uint64_t one = 1;
    if (::write(event_fd_, &one, sizeof one) < 0) return;  // cannot be: the counter was read to 0
  }
}

}  // namespace turbo
