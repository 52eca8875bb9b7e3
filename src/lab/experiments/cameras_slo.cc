#include "lab/experiments/cameras_slo.h"

#include "evaluation/motion_prediction.h"

namespace turbo::experiments {

void set_cameras_slo(std::vector<Service>& services, double slo_ms) {
  for (Service& service : services)
    if (service.id != kMotionPredictionService) service.slo_ms = slo_ms;
}

double cameras_slo_ms(const std::vector<Service>& services) {
  for (const Service& service : services)
    if (service.id != kMotionPredictionService) return service.slo_ms;
  return services.front().slo_ms;
}

}  // namespace turbo::experiments
