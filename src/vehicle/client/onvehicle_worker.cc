#include "vehicle/client/onvehicle_worker.h"

#include <utility>

namespace turbo {

OnvehicleWorker::OnvehicleWorker(Detector detector)
    : detector_(std::move(detector)), worker_([this](const Job& job) { return look(job); }) {}

OnvehicleWorker::Result OnvehicleWorker::look(const Job& job) {
  const auto begin = std::chrono::steady_clock::now();
  const Detector::Outcome outcome = detector_.detect(job.frame);
  return {.context_id = job.context_id,
          .detections = {outcome.detections.begin(), outcome.detections.end()},
          .runtime = std::chrono::steady_clock::now() - begin,
          .error = outcome.error};
}

}  // namespace turbo
